import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { problem, PROBLEMS, RequestError, type Problem, type ProblemCode } from '@sentinellog/shared';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { VersionConflict } from '../pipeline/version-conflict.ts';
import type { AuthFailureCounts } from '../telemetry/auth-failures.ts';
import { AccessDenied } from './access-denied.ts';
import { methodsOf, type DeclaredRoute } from './route-scopes.ts';

/** Seconds after which a retryable request may be tried again: short, for senders give up when they are told to wait long. */
const RETRY_AFTER_S = 1;

/** What fastify itself finds wrong with a request, in our words; whatever is not named goes by its status. */
const FASTIFY_PROBLEMS: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['body_too_large', 'the body is larger than this route takes'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['invalid_json', 'the body is empty; this route takes a JSON object'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['invalid_json', 'the body is not valid JSON'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'send application/json'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalid_request', 'the body is not as long as Content-Length says'],
  FST_ERR_BAD_URL: ['invalid_request', 'the path is not valid percent-encoding'],
  FST_ERR_MAX_PARAM_LENGTH: ['not_found', 'there is nothing with an id as long as this'],
};

function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  code: ProblemCode,
  detail: string,
  more: Pick<Problem, 'current' | 'changed_by'> = {},
): void {
  const { status, retryable } = PROBLEMS[code];
  if (status === 401) void reply.header('www-authenticate', 'Bearer realm="sentinellog"');
  if (retryable) void reply.header('retry-after', String(RETRY_AFTER_S));
  void reply
    .code(status)
    .type('application/problem+json')
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problem(code, detail, request.id, { ...more, ...(retryable && { retry_after_ms: RETRY_AFTER_S * 1000 }) }));
}

/** The one place where an error becomes an answer. Mistakes of ours are logged in full and answered without a word about the inside. */
export function answerError(
  failures: AuthFailureCounts,
  error: FastifyError | RequestError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  if (error instanceof RequestError) {
    if (error instanceof AccessDenied) {
      failures.count({ reason: error.reason, address: request.ip, caller: error.caller });
      logDenial(request, error);
    }
    if (PROBLEMS[error.code].status >= 500) request.log.warn({ err: error }, 'request failed');
    const more = error instanceof VersionConflict ? { current: error.current, changed_by: error.changedBy } : {};
    sendProblem(request, reply, error.code, error.message, more);
    return;
  }
  const known = FASTIFY_PROBLEMS[error.code];
  if (known) {
    sendProblem(request, reply, ...known);
  } else if (error.statusCode === 400 && error instanceof SyntaxError) {
    sendProblem(request, reply, 'invalid_json', 'the body is not valid JSON');
  } else if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    sendProblem(request, reply, 'invalid_request', 'the request is not valid HTTP for this route');
  } else {
    request.log.error({ err: error }, 'request failed by a mistake of the agent');
    sendProblem(
      request,
      reply,
      'internal',
      'this is a mistake of the agent; its log has the details under the request id',
    );
  }
}

function logDenial(request: FastifyRequest, { reason, caller }: AccessDenied): void {
  // Whoever opens the console's page has no session yet: that is nobody's attack.
  const level = reason === 'missing' ? 'info' : 'warn';
  request.log[level](
    {
      event: 'access.denied',
      reason,
      method: request.method,
      // The route's pattern, not the path as sent: that one is the caller's text.
      route: request.routeOptions.url,
      remote: request.ip,
      ...(caller && { token_id: caller.tokenId, role: caller.role }),
    },
    'access denied',
  );
}

/** 405 where the path exists for another method, else 404. */
export function answerNotFound(routes: readonly DeclaredRoute[], request: FastifyRequest, reply: FastifyReply): void {
  const allowed = methodsOf(routes, request.url.split('?', 1)[0]);
  if (allowed.length > 0 && !allowed.includes(request.method)) {
    void reply.header('allow', allowed.join(', '));
    sendProblem(request, reply, 'method_not_allowed', `this path takes ${allowed.join(', ')}`);
  } else {
    sendProblem(request, reply, 'not_found', 'there is nothing at this path');
  }
}

/** Answers bytes that are not HTTP on the bare socket: there is no request yet, so no request id either. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  // The ingest front shares the server and may have answered already; destroying the socket would cut its answer off.
  if (socket.writableEnded) return;
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const body = JSON.stringify({ ...problem('invalid_request', 'this is not a valid HTTP request', ''), status });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
