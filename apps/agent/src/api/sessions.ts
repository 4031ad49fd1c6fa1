import { MeSchema, ROLE_SCOPES } from '@sentinellog/shared';
import { z } from 'zod';
import type { Caller } from '../pipeline/caller.ts';
import { isSameOrigin } from '../pipeline/same-origin.ts';
import { refuseToken, type AccessDeps } from './access-check.ts';
import { AccessDenied } from './access-denied.ts';
import type { Api } from './api.ts';

const SignInSchema = z.strictObject({ token: z.string().min(1).max(512) });

export interface SignInDeps {
  readonly onSignIn: (who: Caller & { readonly address: string; readonly via: 'browser' }) => void;
}

/** The browser console's log-in: the page hands its token over once and never keeps it. */
export function sessionRoutes(api: Api, deps: AccessDeps & SignInDeps): void {
  api.route({
    method: 'GET',
    url: '/v1/session',
    config: { scope: 'public' },
    schema: {
      summary: 'Who is signed in with this cookie; 204 when nobody is, which is no error for a page that starts',
      response: { 200: MeSchema, 204: z.null() },
    },
    handler: async (request, reply) => {
      const caller = deps.sessions.callerOf(request.headers.cookie);
      if (caller === null) return reply.code(204).send(null);
      const { name, role } = caller;
      return reply.send({ name, role, scopes: [...ROLE_SCOPES[role]] });
    },
  });

  api.route({
    method: 'POST',
    url: '/v1/session',
    config: { scope: 'public' },
    schema: {
      summary: 'Sign in with an access token; the answer sets a cookie for 12 hours',
      body: SignInSchema,
      response: { 200: MeSchema },
    },
    handler: async (request, reply) => {
      const { origin, host } = request.headers;
      // A form of another site must not sign somebody in under a name of its choice.
      if (origin !== undefined && !isSameOrigin(origin, host)) {
        const detail = "signing in is for the agent's own page";
        throw new AccessDenied({ code: 'forbidden', reason: 'origin', detail });
      }
      const verdict = deps.tokens.verify(request.body.token);
      if (verdict.type !== 'ok') throw new AccessDenied(refuseToken(deps.failures, request.ip, verdict));
      const { tokenId, name, role } = verdict;
      request.log.info({ event: 'session.opened', token_id: tokenId, name, role, remote: request.ip }, 'signed in');
      deps.onSignIn({ tokenId, name, role, address: request.ip, via: 'browser' });
      return reply
        .header('set-cookie', deps.sessions.open(tokenId, request.protocol === 'https'))
        .send({ name, role, scopes: [...ROLE_SCOPES[role]] });
    },
  });

  api.route({
    method: 'DELETE',
    url: '/v1/session',
    config: { scope: 'public' },
    schema: { summary: 'Sign out; harmless when there is no session', response: { 204: z.null() } },
    handler: async (request, reply) => {
      const { origin, host, cookie } = request.headers;
      if (deps.sessions.hasCookie(cookie) && !isSameOrigin(origin, host)) {
        const detail = "a session may be ended only from the agent's own page";
        throw new AccessDenied({ code: 'forbidden', reason: 'origin', detail });
      }
      return reply
        .header('set-cookie', deps.sessions.close(cookie, request.protocol === 'https'))
        .code(204)
        .send(null);
    },
  });
}
