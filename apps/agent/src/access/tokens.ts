import type { AccessToken, Role } from '@sentinellog/shared';
import type { Caller, TokenVerdict } from '../pipeline/caller.ts';
import { actorOf, type BookParts, CredentialBook, type StoredCredential } from './credential-book.ts';
import { existingCredential, makeCredential, type NewCredential } from './credential-text.ts';

export type StoredAccessToken = Readonly<AccessToken> & StoredCredential;

export interface TokenInput {
  readonly name: string;
  readonly role: Role;
}

/** The access tokens: who may watch and who may change things. What a role may do is `ROLE_SCOPES`. */
export class TokenBook {
  readonly #entropy: (bytes: number) => Uint8Array;
  readonly #book: CredentialBook<StoredAccessToken>;

  constructor(parts: BookParts<StoredAccessToken>) {
    this.#entropy = parts.entropy;
    this.#book = new CredentialBook('slt', ({ token_id }) => token_id, parts);
  }

  get isEmpty(): boolean {
    return this.#book.isEmpty;
  }

  /** Synchronous and without I/O. */
  verify(presented: string): TokenVerdict {
    const found = this.#book.recognise(presented);
    if (found.type !== 'ok') return found;
    const { token_id, name, role } = found.credential;
    return { type: 'ok', tokenId: token_id, name, role };
  }

  /** Whoever has this token now, for what outlives the request that presented it; null once it is revoked. */
  current(tokenId: string): Caller | null {
    const token = this.#book.current(tokenId);
    return token === undefined ? null : { tokenId, name: token.name, role: token.role };
  }

  async list(): Promise<readonly AccessToken[]> {
    return this.#book.list().map(publicToken);
  }

  /** Its answer is the only one that ever holds the token itself. */
  async create(input: TokenInput, actor: Caller): Promise<AccessToken & { readonly token: string }> {
    const made = makeCredential('slt', this.#entropy(38));
    return { ...publicToken(await this.#add(made, input, actorOf(actor))), token: made.text };
  }

  /** Makes a token valid here that was made before, by `makeCredential`. Throws when the text is no access token. */
  async adopt(token: string, input: TokenInput, actor: string): Promise<void> {
    await this.#add(existingCredential('slt', token), input, actor);
  }

  /** From now on the token is refused. False when there is no such token; revoking twice is harmless. */
  revoke(tokenId: string, actor: Caller): Promise<boolean> {
    return this.#book.revoke(tokenId, actorOf(actor));
  }

  /** Reads all tokens anew. Returns how many are of another pepper and can no longer be used. */
  refresh(): Promise<number> {
    return this.#book.refresh();
  }

  /** Takes over what other agents on the same database have changed since the last time. */
  followOthers(): Promise<void> {
    return this.#book.followOthers();
  }

  /** Stores when tokens were last used; call it now and then. */
  flushUses(): Promise<void> {
    return this.#book.flushUses();
  }

  #add(made: NewCredential, { name, role }: TokenInput, actor: string): Promise<StoredAccessToken> {
    return this.#book.add(made, (common) => ({ token_id: made.id, name, role, ...common }), actor);
  }
}

function publicToken(stored: StoredAccessToken): AccessToken {
  const { token_id, name, role, created_at_ms, last_used_ms, revoked_at_ms } = stored;
  return { token_id, name, role, created_at_ms, last_used_ms, revoked_at_ms };
}
