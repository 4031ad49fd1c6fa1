/** Who came in and who was turned away, into the audit: so that a flood of either cannot flood it, by address and minute. */
import type { Caller } from '../pipeline/caller.ts';
import type { Denial } from '../telemetry/auth-failures.ts';

export interface SignedIn extends Caller {
  readonly address: string;
  /** `browser`: for a session; `stream`: a console that shows its token. */
  readonly via: 'browser' | 'stream';
}

interface Entry {
  readonly atMs: number;
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface AccessAuditParts {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves once it is in the chain. */
  readonly append: (entry: Entry) => Promise<void>;
}

interface Denials {
  readonly sinceMs: number;
  readonly reasons: Map<Denial['reason'], number>;
  readonly callers: Set<string>;
}

interface SignIns {
  readonly last: SignedIn;
  writtenAtMs: number;
  unwritten: number;
}

/** One entry for an address and minute. */
const DENIALS_MS = 60_000;
/** Addresses told apart within a minute; what the others do is one entry. */
const MAX_ADDRESSES = 100;
const OTHERS = 'other addresses';
const MAX_CALLERS = 5;
/** Whoever opens the console's page has no session yet: that is nobody's attack, unless it goes on. */
const MISSING_BEARABLE = 20;
/** A console that connects again and again is one sign-in, with how often. */
const SIGN_INS_MS = 10 * 60_000;
const MAX_SIGN_INS = 1000;

/** Call `flush` every few seconds and at the end. */
export class AccessAudit {
  readonly #parts: AccessAuditParts;
  readonly #denials = new Map<string, Denials>();
  readonly #signIns = new Map<string, SignIns>();

  constructor(parts: AccessAuditParts) {
    this.#parts = parts;
  }

  denied({ reason, address, caller }: Denial): void {
    const isRoom = this.#denials.size < MAX_ADDRESSES || this.#denials.has(address);
    const key = isRoom ? address : OTHERS;
    const denials = this.#denials.get(key) ?? {
      sinceMs: this.#parts.now(),
      reasons: new Map<Denial['reason'], number>(),
      callers: new Set<string>(),
    };
    this.#denials.set(key, denials);
    denials.reasons.set(reason, (denials.reasons.get(reason) ?? 0) + 1);
    if (caller !== undefined && denials.callers.size < MAX_CALLERS)
      denials.callers.add(`${caller.name} (${caller.tokenId})`);
  }

  signedIn(who: SignedIn): void {
    const key = [who.tokenId, who.address, who.via].join(' ');
    const known = this.#signIns.get(key);
    this.#signIns.delete(key);
    this.#signIns.set(key, {
      last: who,
      writtenAtMs: known?.writtenAtMs ?? Number.NEGATIVE_INFINITY,
      unwritten: (known?.unwritten ?? 0) + 1,
    });
    for (const [oldest] of this.#signIns) {
      if (this.#signIns.size <= MAX_SIGN_INS) break;
      this.#signIns.delete(oldest);
    }
  }

  /** Writes what is due. Rejects where the database is away; it is tried again with the next call. */
  async flush({ everything = false }: { readonly everything?: boolean } = {}): Promise<void> {
    const nowMs = this.#parts.now();
    for (const [address, denials] of this.#denials) {
      if (!everything && nowMs - denials.sinceMs < DENIALS_MS) continue;
      this.#denials.delete(address);
      if (!isWorthAnEntry(denials)) continue;
      await this.#append(entryOfDenials(address, denials, nowMs), () => this.#denials.set(address, denials));
    }
    for (const signIns of this.#signIns.values()) {
      const { last, unwritten, writtenAtMs } = signIns;
      if (unwritten === 0 || (!everything && nowMs - writtenAtMs < SIGN_INS_MS)) continue;
      signIns.unwritten = 0;
      signIns.writtenAtMs = nowMs;
      await this.#append(entryOfSignIns(last, unwritten, nowMs), () => {
        signIns.unwritten += unwritten;
        signIns.writtenAtMs = writtenAtMs;
      });
    }
  }

  async #append(entry: Entry, giveBack: () => void): Promise<void> {
    try {
      await this.#parts.append(entry);
    } catch (error) {
      giveBack();
      throw error;
    }
  }
}

function isWorthAnEntry({ reasons }: Denials): boolean {
  return (reasons.get('missing') ?? 0) > MISSING_BEARABLE || [...reasons.keys()].some((reason) => reason !== 'missing');
}

function entryOfDenials(address: string, { sinceMs, reasons, callers }: Denials, nowMs: number): Entry {
  return {
    atMs: nowMs,
    actor: [...callers].join(', ') || 'nobody who is known',
    action: 'access.denied',
    object: address,
    detail: {
      since_ms: sinceMs,
      count: [...reasons.values()].reduce((sum, count) => sum + count, 0),
      reasons: Object.fromEntries(reasons),
    },
  };
}

function entryOfSignIns({ tokenId, name, role, address, via }: SignedIn, count: number, nowMs: number): Entry {
  return {
    atMs: nowMs,
    actor: `${name} (${tokenId})`,
    action: 'access.signed_in',
    object: tokenId,
    detail: { role, address, via, count },
  };
}
