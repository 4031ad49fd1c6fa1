import { type CredentialPrefix, credentialId } from './credential-text.ts';
import type { Pepper } from './pepper.ts';

/** Far more than people make; what is beyond is an attack or a script gone wrong. */
export const MOST_CREDENTIALS = 10_000;

/** What every stored credential has. The secret itself is stored nowhere. */
export interface Stored {
  readonly hash: Uint8Array;
  readonly pepper_id: string;
  readonly last_used_ms: number | null;
  readonly revoked_at_ms: number | null;
}

export type Recognition<S> =
  | { readonly type: 'ok'; readonly credential: S }
  | { readonly type: 'unknown' }
  | { readonly type: 'revoked' };

const UNKNOWN = { type: 'unknown' } as const;
const REVOKED = { type: 'revoked' } as const;

/**
 * Every credential of one kind in memory, so that a request waits for no database and outlives its outage. Texts that
 * were recognised are remembered: the hash is computed once for a sender, not once for a request.
 */
export class CredentialBook<S extends Stored> {
  readonly #prefix: CredentialPrefix;
  readonly #idOf: (credential: S) => string;
  readonly #pepper: Pepper;
  readonly #now: () => number;
  readonly #credentials = new Map<string, S>();
  /** By presented text; only good ones, so that guesses cannot fill it. */
  readonly #recognised = new Map<string, S>();
  readonly #usedMs = new Map<string, number>();
  /** Compared with where there is nothing to compare with, so that an unknown id takes as long as a known one. */
  readonly #nobody: Uint8Array;

  constructor(prefix: CredentialPrefix, idOf: (credential: S) => string, pepper: Pepper, now: () => number) {
    this.#prefix = prefix;
    this.#idOf = idOf;
    this.#pepper = pepper;
    this.#now = now;
    this.#nobody = pepper.hash('');
  }

  /** Takes the stored ones as the whole truth. Returns how many cannot be recognised, as their pepper is another one. */
  replaceAll(stored: readonly S[]): number {
    requireRoom(stored.length);
    this.#credentials.clear();
    this.#recognised.clear();
    for (const credential of stored) this.#credentials.set(this.#idOf(credential), credential);
    return stored.filter(({ pepper_id }) => pepper_id !== this.#pepper.id).length;
  }

  /** Throws when there are too many; to be asked before one is stored. */
  requireRoomForOne(): void {
    requireRoom(this.#credentials.size + 1);
  }

  /** Adds one, or replaces it by what it has become; from now on, not from the next refresh. */
  put(credential: S): void {
    this.#credentials.set(this.#idOf(credential), credential);
    this.#recognised.clear();
  }

  /** In creation order, with the last use as it is known here. */
  list(): S[] {
    return [...this.#credentials.values()].map((credential) => {
      const usedMs = this.#usedMs.get(this.#idOf(credential));
      return usedMs === undefined ? credential : { ...credential, last_used_ms: usedMs };
    });
  }

  recognise(presented: string): Recognition<S> {
    const known = this.#recognised.get(presented);
    if (known !== undefined) return this.#used(known);
    const id = credentialId(this.#prefix, presented);
    if (id === undefined) return UNKNOWN;
    const credential = this.#credentials.get(id);
    const matches = this.#pepper.matches(presented, credential?.hash ?? this.#nobody);
    if (!matches || credential === undefined) return UNKNOWN;
    if (credential.revoked_at_ms !== null) return REVOKED;
    this.#recognised.set(presented, credential);
    return this.#used(credential);
  }

  /** Times of last use that have not been stored yet. */
  takeUses(): ReadonlyMap<string, number> {
    const uses = new Map(this.#usedMs);
    this.#usedMs.clear();
    for (const [id, last_used_ms] of uses) {
      const credential = this.#credentials.get(id);
      // In place of the old one, so that the order stays.
      if (credential !== undefined) this.#credentials.set(id, { ...credential, last_used_ms });
    }
    return uses;
  }

  giveBackUses(uses: ReadonlyMap<string, number>): void {
    for (const [id, usedMs] of uses) this.#usedMs.set(id, Math.max(usedMs, this.#usedMs.get(id) ?? 0));
  }

  #used(credential: S): Recognition<S> {
    this.#usedMs.set(this.#idOf(credential), this.#now());
    return { type: 'ok', credential };
  }
}

function requireRoom(count: number): void {
  if (count > MOST_CREDENTIALS)
    throw new RangeError(`there can be at most ${MOST_CREDENTIALS} credentials of a kind; remove revoked ones`);
}
