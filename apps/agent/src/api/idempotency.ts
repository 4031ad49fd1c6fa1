import { createHash } from 'node:crypto';
import { RequestError } from '@sentinellog/shared';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { canonicalJson } from '../pipeline/canonical-json.ts';
import type { Api } from './api.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A request that names an `Idempotency-Key` may be sent again: it gets its first answer, and nothing is done twice. */
    repeatable?: true;
  }
  interface FastifyRequest {
    /** The key whose answer is kept when this request is over. */
    claimedKey: string | null;
  }
}

/** Where first answers are kept, for a day. */
export interface IdempotencyBook {
  claim(
    caller: string,
    key: string,
    requestDigest: Uint8Array,
    nowMs: number,
  ): Promise<
    | { readonly type: 'first' | 'under_way' | 'other_request' }
    | { readonly type: 'answered'; readonly answer: { readonly status: number; readonly body: string } }
  >;
  keep(caller: string, key: string, answer: { readonly status: number; readonly body: string }): Promise<void>;
  release(caller: string, key: string): Promise<void>;
}

export interface IdempotencyDeps {
  readonly idempotency: IdempotencyBook;
  readonly now: () => number;
}

/** For every route with `config: { repeatable: true }`. Call it before the routes are made. */
export function keepAnswers(api: Api, { idempotency, now }: IdempotencyDeps): void {
  api.decorateRequest('claimedKey', null);

  api.addHook('preHandler', async (request, reply) => {
    const key = request.headers['idempotency-key'];
    if (request.routeOptions.config.repeatable !== true || key === undefined) return undefined;
    if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key))
      throw new RequestError('invalid_request', 'Idempotency-Key must be 1 to 200 visible ASCII characters');
    const claim = await idempotency.claim(callerId(request), key, digestOf(request), now());
    if (claim.type === 'answered') return repeatAnswer(reply, claim.answer);
    if (claim.type === 'under_way')
      throw new RequestError('overloaded', 'the first request with this Idempotency-Key is still under way: ask again');
    if (claim.type === 'other_request')
      throw new RequestError('invalid_request', 'this Idempotency-Key was used for another request: take a new one');
    request.claimedKey = key;
    return undefined;
  });

  api.addHook('onSend', async (request, reply, payload) => {
    const key = request.claimedKey;
    if (key === null) return;
    request.claimedKey = null;
    try {
      // What may succeed later is no answer to keep.
      if (reply.statusCode >= 500) await idempotency.release(callerId(request), key);
      else await idempotency.keep(callerId(request), key, { status: reply.statusCode, body: textOf(payload) });
    } catch (err) {
      request.log.warn({ err }, 'the answer to a request with an Idempotency-Key could not be kept');
    }
  });
}

function repeatAnswer(
  reply: FastifyReply,
  { status, body }: { readonly status: number; readonly body: string },
): FastifyReply {
  return reply
    .code(status)
    .header('idempotency-replayed', 'true')
    .type(status >= 400 ? 'application/problem+json' : 'application/json')
    .serializer((text: unknown) => String(text))
    .send(body);
}

function callerId({ caller }: FastifyRequest): string {
  if (caller === null) throw new Error('a public route cannot be repeatable: nobody knows whose key it is');
  return caller.tokenId;
}

function digestOf({ method, url, body }: FastifyRequest): Buffer {
  return createHash('sha256')
    .update(`${method} ${url}\n${canonicalJson(body ?? null)}`)
    .digest();
}

function textOf(payload: unknown): string {
  return typeof payload === 'string' ? payload : '';
}
