import type { FastifyReply, FastifyRequest } from 'fastify';

/** The API answers data, never a page. */
const NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** The console's page: its own files, and its own agent to talk to. No inline script or style, no eval, no frame. */
export const CONSOLE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  // 'self' covers ws and wss of the same host in every current browser (CSP level 3 §6.7.2.8).
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': NOTHING,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), payment=()',
  // Answers hold log lines and, once, a key: nothing between here and the reader keeps a copy.
  'cache-control': 'no-store',
};

/** On every answer, errors and unknown paths too; the console's files loosen policy and caching for themselves. */
export function setSecurityHeaders(request: FastifyRequest, reply: FastifyReply): void {
  void reply.headers(HEADERS).header('x-request-id', request.id);
  if (request.protocol === 'https') void reply.header('strict-transport-security', 'max-age=31536000');
}
