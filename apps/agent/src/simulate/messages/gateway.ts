import type { Template } from './template.ts';

export const GATEWAY: readonly Template[] = [
  { level: 'INFO', weight: 40, status: 200, text: (v) => `GET ${v.path()} 200 ${v.durationMs}ms` },
  { level: 'INFO', weight: 18, status: 201, text: (v) => `POST ${v.path()} 201 ${v.durationMs}ms user=${v.userId}` },
  { level: 'INFO', weight: 8, status: 304, text: (v) => `GET ${v.path()}/${v.int(1, 9999)} 304 ${v.durationMs}ms` },
  {
    level: 'INFO',
    weight: 6,
    status: 204,
    text: (v) => `DELETE /api/cart/items/${v.int(1000, 9999)} 204 ${v.durationMs}ms`,
  },
  {
    level: 'INFO',
    weight: 5,
    text: (v) => `proxied request ${v.requestId} to ${v.host('order-service')} in ${v.durationMs} ms`,
  },
  { level: 'DEBUG', weight: 7, text: (v) => `route matched ${v.path()} -> upstream pool size=${v.int(3, 8)}` },
  { level: 'DEBUG', weight: 4, text: (v) => `TLS session resumed for ${v.ip()} cipher=TLS_AES_128_GCM_SHA256` },
  { level: 'INFO', weight: 3, text: (v) => `client ${v.ip()} opened keep-alive connection ${v.int(10_000, 99_999)}` },
  {
    level: 'WARN',
    weight: 2,
    status: 429,
    text: (v) => `rate limit reached for client ${v.ip()}: ${v.int(101, 180)} requests in 60 s`,
  },
  { level: 'WARN', weight: 2, status: 404, text: (v) => `no route for GET /${v.hex(6)}.php from ${v.ip()}` },
  { level: 'WARN', weight: 1, text: (v) => `slow upstream ${v.host('search-service')}: ${v.int(1500, 4200)} ms` },
  {
    level: 'ERROR',
    weight: 5,
    status: 502,
    errorCode: 'BAD_GATEWAY',
    text: (v) => `502 from ${v.host('user-service')}: connection reset by peer`,
  },
  {
    level: 'ERROR',
    weight: 3,
    status: 504,
    errorCode: 'UPSTREAM_TIMEOUT',
    text: (v) => `upstream ${v.host('search-service')} did not answer within ${v.int(3, 10)} s`,
  },
  {
    level: 'ERROR',
    weight: 1,
    status: 500,
    errorCode: 'INTERNAL',
    text: (v) =>
      `unhandled rejection in request ${v.requestId}\nTypeError: Cannot read properties of undefined (reading 'headers')\n    at forward (/srv/gateway/src/proxy.js:${v.int(40, 240)}:17)\n    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)`,
  },
];
