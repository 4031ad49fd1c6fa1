import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { problem, PROBLEMS, type ProblemCode } from '@sentinellog/shared';
import { isSameOrigin } from '../pipeline/same-origin.ts';

const PATHS: readonly string[] = ['/v1/stream', '/v1/events/stream'];

/** Why an upgrade is not taken; null when it is. */
export type UpgradeRefusal = {
  readonly code: Extract<ProblemCode, 'not_found' | 'forbidden'>;
  readonly detail: string;
};

/**
 * Browsers let any page open a WebSocket to any host and say only by `Origin` which page it is: ours and the configured ones
 * are let in. No `Origin` means no browser; such a client proves itself by its token.
 */
export function refusalOf(
  request: Pick<IncomingMessage, 'url' | 'headers'>,
  allowedOrigins: readonly string[],
): UpgradeRefusal | null {
  if (!PATHS.includes((request.url ?? '').split('?', 1)[0])) {
    return { code: 'not_found', detail: `the stream is at ${PATHS[0]}` };
  }
  const { origin, host } = request.headers;
  if (origin === undefined || isSameOrigin(origin, host) || allowedOrigins.includes(origin)) return null;
  return {
    code: 'forbidden',
    detail: 'pages of this origin may not open the stream; the setting console.allowedOrigins lists those that may',
  };
}

/** Answers an upgrade that is not taken, as HTTP, and hangs up. */
export function refuseUpgrade(socket: Duplex, { code, detail }: UpgradeRefusal): void {
  const body = JSON.stringify(problem(code, detail, ''));
  socket.end(
    `HTTP/1.1 ${PROBLEMS[code].status} ${PROBLEMS[code].title}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
