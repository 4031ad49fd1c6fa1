import type { IncomingMessage, ServerResponse } from 'node:http';

/** One protocol over HTTP. It owns its paths and answers every request to them. */
export interface HttpReceiver {
  readonly protocol: string;
  readonly paths: readonly string[];
  /** For a protocol whose paths cannot all be listed, or which shares one (`/`) with the console. */
  owns?(request: IncomingMessage, path: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse): void;
}

/** A request's path without its query. */
export function pathOf({ url = '' }: IncomingMessage): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}
