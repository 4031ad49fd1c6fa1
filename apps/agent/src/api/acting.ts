import { ACTION_SURFACES, type Actor, type ActionSurface, RequestError } from '@sentinellog/shared';
import type { FastifyRequest } from 'fastify';
import { callerOf } from './caller-of.ts';

/** The person behind a request, and where they did it: as the caller says (`X-Sentinel-Via`), else by how they signed in. */
export function actorOf(request: Pick<FastifyRequest, 'caller' | 'url' | 'headers'>): Actor {
  return { kind: 'person', name: callerOf(request).name, via: surfaceOf(request) };
}

function surfaceOf({ headers }: Pick<FastifyRequest, 'headers'>): ActionSurface {
  const said = headers['x-sentinel-via'];
  if (said === undefined) return headers.authorization === undefined ? 'browser' : 'api';
  const surface = ACTION_SURFACES.find((one) => one === said);
  if (surface === undefined)
    throw new RequestError('invalid_request', `X-Sentinel-Via must be one of ${ACTION_SURFACES.join(', ')}`);
  return surface;
}
