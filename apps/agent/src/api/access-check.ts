import { ROLE_SCOPES, type ProblemCode, type RouteScope } from '@sentinellog/shared';
import type { Caller, TokenVerdict } from '../pipeline/caller.ts';
import type { FailureBucket } from '../pipeline/failure-bucket.ts';
import { isSameOrigin } from '../pipeline/same-origin.ts';
import type { AuthFailure } from '../telemetry/auth-failures.ts';
import type { SessionBook } from './session-book.ts';

export interface AccessDeps {
  readonly tokens: { verify(presented: string): TokenVerdict };
  readonly sessions: SessionBook;
  readonly failures: FailureBucket;
}

/** What of a request decides whether it may pass. */
export interface AccessRequest {
  readonly method: string;
  readonly address: string;
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
  readonly origin: string | undefined;
  readonly host: string | undefined;
}

export type AccessDecision =
  | { readonly type: 'allow'; readonly caller: Caller | null }
  | {
      readonly type: 'deny';
      readonly code: Extract<ProblemCode, 'unauthenticated' | 'forbidden' | 'rate_limited'>;
      readonly reason: AuthFailure;
      readonly detail: string;
      /** Known when it is the right that lacks, not the credential. */
      readonly caller?: Caller;
    };

/** Decides before the body is read. Everything that is not public needs a token, or a session of the agent's own page. */
export function checkAccess(deps: AccessDeps, scope: RouteScope, request: AccessRequest): AccessDecision {
  if (scope === 'public') return { type: 'allow', caller: null };
  const who = request.authorization === undefined ? bySession(deps, request) : byToken(deps, request);
  if (who.type === 'deny' || who.caller === null) return who;
  if (!ROLE_SCOPES[who.caller.role].includes(scope)) {
    const detail = `this needs the scope ${scope}, which the role ${who.caller.role} does not have`;
    return { type: 'deny', code: 'forbidden', reason: 'scope', detail, caller: who.caller };
  }
  return who;
}

/** A token that was presented and is not good; 429 once this address has guessed too often. */
export function refuseToken(
  failures: FailureBucket,
  address: string,
  verdict: Exclude<TokenVerdict, { type: 'ok' }>,
): Extract<AccessDecision, { type: 'deny' }> {
  if (!failures.admit(address)) {
    const detail = 'too many wrong tokens from this address: wait a minute';
    return { type: 'deny', code: 'rate_limited', reason: 'rate_limited', detail };
  }
  return { type: 'deny', code: 'unauthenticated', reason: verdict.type, detail: REFUSALS[verdict.type] };
}

const REFUSALS: Readonly<Record<Exclude<TokenVerdict['type'], 'ok'>, string>> = {
  unknown: 'this access token is not known here',
  revoked: 'this access token has been revoked',
};

function byToken(deps: AccessDeps, request: AccessRequest): AccessDecision {
  const presented = /^bearer +(\S+) *$/i.exec(request.authorization ?? '')?.[1];
  const verdict: TokenVerdict = presented === undefined ? { type: 'unknown' } : deps.tokens.verify(presented);
  if (verdict.type !== 'ok') return refuseToken(deps.failures, request.address, verdict);
  const { tokenId, name, role } = verdict;
  return { type: 'allow', caller: { tokenId, name, role } };
}

function bySession(deps: AccessDeps, request: AccessRequest): AccessDecision {
  if (!deps.sessions.hasCookie(request.cookie)) {
    const detail = 'send an access token as "Authorization: Bearer …", or sign in to the console';
    return { type: 'deny', code: 'unauthenticated', reason: 'missing', detail };
  }
  const caller = deps.sessions.callerOf(request.cookie);
  if (caller === null) {
    return {
      type: 'deny',
      code: 'unauthenticated',
      reason: 'session_ended',
      detail: 'the session has ended: sign in again',
    };
  }
  // SameSite=Strict keeps other sites' requests from carrying the cookie; other ports of this host are the same site to it.
  const changes = request.method !== 'GET' && request.method !== 'HEAD';
  if (changes && !isSameOrigin(request.origin, request.host)) {
    const detail = "a session may change things only from the agent's own page";
    return { type: 'deny', code: 'forbidden', reason: 'origin', detail, caller };
  }
  return { type: 'allow', caller };
}
