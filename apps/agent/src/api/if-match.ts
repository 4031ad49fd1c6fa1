import { RequestError } from '@sentinellog/shared';
import type { FastifyRequest } from 'fastify';

/** The version that a change was made from, `If-Match: "3"`; whoever names none would overwrite what others did. */
export function requireVersion(request: Pick<FastifyRequest, 'headers'>): number {
  const version = versionOf(request);
  if (version === null)
    throw new RequestError('invalid_request', 'send If-Match with the version that you have changed, for instance "3"');
  return version;
}

/** null: no `If-Match`. RequestError('invalid_request'): it is not a version. */
export function versionOf({ headers }: Pick<FastifyRequest, 'headers'>): number | null {
  const text = headers['if-match'];
  if (text === undefined) return null;
  const digits = /^"?(\d{1,15})"?$/.exec(text)?.[1];
  if (digits === undefined) throw new RequestError('invalid_request', 'If-Match must be a version, for instance "3"');
  return Number(digits);
}
