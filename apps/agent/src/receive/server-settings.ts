import type { Socket } from 'node:net';

/**
 * Of the node:http server that carries ingest (design: reliability §3, A7). Node's own keep-alive of 5 s is shorter
 * than that of load balancers, which then send on connections that are just being closed.
 */
export const SERVER_SETTINGS = {
  keepAliveTimeout: 75_000,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 16 * 1024,
} as const;
export const MAX_CONNECTIONS = 10_000;

/**
 * For the server's `clientError`. A client that is too slow is cut off without a status: Node would send 408, on
 * which OpenTelemetry senders drop the batch, while they send again after a reset.
 */
export function onClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' || error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
  else if (error.code === 'HPE_HEADER_OVERFLOW') socket.end('HTTP/1.1 431 Request Header Fields Too Large\r\n\r\n');
  else socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
}
