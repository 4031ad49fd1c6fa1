import type { Role } from '@sentinellog/shared';

/** The person or program behind an access token. What they may do follows from the role (`ROLE_SCOPES`). */
export interface Caller {
  readonly tokenId: string;
  readonly name: string;
  readonly role: Role;
}

/** What a presented token turned out to be; the word of `type` is also the reason in logs and metrics. */
export type TokenVerdict =
  | ({ readonly type: 'ok' } & Caller)
  | { readonly type: 'unknown' }
  | { readonly type: 'revoked' };
