import type { Socket } from 'node:net';
import { problem, type ProblemCode } from '@sentinellog/shared';

/**
 * Of the node:http server that carries ingest (design: reliability §3, A7). Node's own keep-alive of 5 s is shorter
 * than that of load balancers, which then send on connections that are just being closed.
 */
export const SERVER_SETTINGS = {
  keepAliveTimeout: 75_000,
  headersTimeout: 10_000,
  // 16 MiB over 1 Mbit/s take 134 s; whoever is slower than a kilobyte a second is cut off sooner (connection-limits.ts).
  requestTimeout: 300_000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 16 * 1024,
} as const;

/**
 * For the server's `clientError`: what is not HTTP gets a problem document, too. A client that is too slow is cut off
 * without a status: Node would send 408, on which OpenTelemetry senders drop the batch, while they send again after a
 * reset.
 */
export function onClientError(newRequestId: () => string) {
  return (error: Error & { readonly code?: string }, socket: Socket): void => {
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' || error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else if (error.code === 'HPE_HEADER_OVERFLOW') {
      const detail = `the limit is ${SERVER_SETTINGS.maxHeaderSize} bytes of headers`;
      endWith(socket, '431 Request Header Fields Too Large', 'headers_too_large', detail, newRequestId());
    } else {
      const detail = 'the request is not HTTP/1.1 as RFC 9112 has it; the connection is closed';
      endWith(socket, '400 Bad Request', 'invalid_request', detail, newRequestId());
    }
  };
}

function endWith(socket: Socket, status: string, code: ProblemCode, detail: string, requestId: string): void {
  const body = JSON.stringify(problem(code, detail, requestId));
  const head = [
    `HTTP/1.1 ${status}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
