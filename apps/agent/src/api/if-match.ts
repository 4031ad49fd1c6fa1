import type { IncomingHttpHeaders } from 'node:http';
import { RequestError } from '@sentinellog/shared';

/** The version that the caller has seen, of `If-Match: "3"`. RequestError `invalid_request` without one. */
export function requiredVersion(headers: IncomingHttpHeaders): number {
  const match = /^(?:W\/)?"?(\d{1,15})"?$/.exec(headers['if-match'] ?? '');
  if (match === null)
    throw new RequestError(
      'invalid_request',
      'If-Match must name the version that was read, for instance If-Match: "3"',
    );
  return Number(match[1]);
}
