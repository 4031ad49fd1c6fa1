import type { FastifyRequest } from 'fastify';
import type { Caller } from '../pipeline/caller.ts';

/** The caller on a route that is not public; the access hook has seen to it that there is one. */
export function callerOf(request: Pick<FastifyRequest, 'caller' | 'url'>): Caller {
  if (request.caller === null) throw new Error('a public route asked who calls');
  return request.caller;
}
