import type { IncomingMessage } from 'node:http';

/** A request's media type without parameters, in lower case; empty when it says none. */
export function contentTypeOf({ headers }: IncomingMessage): string {
  return (headers['content-type'] ?? '').split(';', 1)[0].trim().toLowerCase();
}
