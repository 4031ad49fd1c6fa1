/** What services say only while a scenario is on. */
import type { Template } from './template.ts';

export const PAYMENT_POOL_EXHAUSTED: readonly Template[] = [
  {
    level: 'ERROR',
    weight: 6,
    status: 503,
    errorCode: 'POOL_EXHAUSTED',
    text: (v) => `connection pool exhausted: 50/50 in use, ${v.int(20, 240)} waiting`,
  },
  {
    level: 'ERROR',
    weight: 4,
    status: 503,
    errorCode: 'POOL_EXHAUSTED',
    text: (v) => `payment ${v.hex(10)} failed: no database connection within 30000 ms`,
  },
  {
    level: 'ERROR',
    weight: 1,
    status: 500,
    errorCode: 'POOL_EXHAUSTED',
    text: (v) =>
      `could not capture payment ${v.hex(10)}\njava.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, request timed out after 30000ms\n\tat com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:${v.int(690, 700)})\n\tat shop.payment.Store.insert(Store.java:${v.int(60, 220)})`,
  },
  {
    level: 'FATAL',
    weight: 1,
    status: 503,
    errorCode: 'POOL_EXHAUSTED',
    text: (v) => `health check failed: database db-primary unreachable for ${v.int(5, 60)} s`,
  },
];

export const ORDER_TIMEOUTS: readonly Template[] = [
  {
    level: 'ERROR',
    weight: 6,
    status: 504,
    errorCode: 'PAYMENT_TIMEOUT',
    text: (v) => `payment-service did not answer for ${v.orderId()} within 5000 ms`,
  },
  {
    level: 'ERROR',
    weight: 3,
    status: 504,
    errorCode: 'PAYMENT_TIMEOUT',
    text: (v) => `order ${v.orderId()} abandoned after ${v.int(2, 4)} attempts: payment timed out`,
  },
  {
    level: 'ERROR',
    weight: 2,
    status: 503,
    errorCode: 'CIRCUIT_OPEN',
    text: (v) => `circuit breaker "payment" open, ${v.int(20, 400)} calls short-circuited`,
  },
];

export const UPSTREAM_FAILURES: readonly Template[] = [
  {
    level: 'ERROR',
    weight: 6,
    status: 504,
    errorCode: 'UPSTREAM_TIMEOUT',
    text: (v) => `504 POST /api/checkout: ${v.host('order-service')} timed out after ${v.durationMs} ms`,
  },
  {
    level: 'ERROR',
    weight: 4,
    status: 503,
    errorCode: 'UPSTREAM_UNAVAILABLE',
    text: (v) => `503 POST /api/orders: no healthy ${v.pick(['order-service', 'payment-service'])} instance`,
  },
  {
    level: 'ERROR',
    weight: 2,
    status: 500,
    errorCode: 'INTERNAL',
    text: (v) => `500 POST /api/checkout user=${v.userId} request=${v.requestId}`,
  },
];

export const NEW_RELEASE: readonly Template[] = [
  { level: 'INFO', weight: 3, text: (v) => `feature flag "profile-v2" evaluated to true for user ${v.userId}` },
  { level: 'INFO', weight: 3, text: (v) => `profile projection v2 rebuilt: ${v.int(2, 40)} fields, ${v.int(1, 9)} ms` },
  {
    level: 'INFO',
    weight: 1,
    text: (v) =>
      `release 4.12.${v.int(0, 1)} warm-up: ${v.int(100, 900)} entries preloaded on ${v.host('user-service')}`,
  },
];

export const GUESSED_PASSWORDS: readonly Template[] = [
  {
    level: 'WARN',
    weight: 6,
    status: 401,
    text: (v) =>
      `login failed for ${v.pick(['admin', 'root', 'support', 'test'])} from 203.0.113.${v.int(7, 11)}: wrong password (attempt ${v.int(4, 900)} of 5)`,
  },
];

export const ACCOUNTS_LOCKED: readonly Template[] = [
  {
    level: 'ERROR',
    weight: 2,
    status: 423,
    errorCode: 'ACCOUNT_LOCKED',
    text: (v) =>
      `account ${v.pick(['admin', 'support'])} locked: ${v.int(6, 400)} failed logins from 203.0.113.${v.int(7, 11)}`,
  },
];

export const RETRIES: readonly Template[] = [
  {
    level: 'WARN',
    weight: 4,
    text: (v) => `retry ${v.int(1, 12)} of request ${v.requestId} without back-off from ${v.ip()}`,
  },
  {
    level: 'INFO',
    weight: 3,
    status: 409,
    text: (v) => `duplicate of request ${v.requestId} suppressed, first seen ${v.int(5, 900)} ms ago`,
  },
];
