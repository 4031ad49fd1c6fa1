import type { IncomingMessage } from 'node:http';

/** A request's media type without parameters, in lower case; empty when it says none. */
export function contentTypeOf({ headers }: IncomingMessage): string {
  const type = headers['content-type'];
  return type === undefined ? '' : type.split(';', 1)[0].trim().toLowerCase();
}
