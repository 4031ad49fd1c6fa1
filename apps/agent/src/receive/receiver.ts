import type { IncomingMessage, ServerResponse } from 'node:http';

/** One protocol over HTTP. It owns its paths and answers every request to them. */
export interface HttpReceiver {
  readonly protocol: string;
  readonly paths: readonly string[];
  handle(request: IncomingMessage, response: ServerResponse): void;
}
