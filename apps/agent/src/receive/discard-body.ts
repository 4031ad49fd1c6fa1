import type { IncomingMessage } from 'node:http';

/**
 * Throws away what still comes of a refused request, so that its answer arrives: a connection that is closed with
 * unread data is reset, and the reset overtakes the answer. Bounded in bytes here and in time by connection-limits.ts; a sender that goes on past that is cut off.
 */
export function discardBody(request: IncomingMessage, maxBytes: number): void {
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) request.socket.destroy();
  });
}
