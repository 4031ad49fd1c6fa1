import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { type Problem, problem, PROBLEMS, type ProblemCode } from '@sentinellog/shared';

/** Short: OpenTelemetry senders give up at once when it is longer than what is left of their ten seconds. */
const RETRY_AFTER_SECONDS = 1;

export function respondJson(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** A problem document, with the headers that its kind asks for. */
export function respondProblem(
  response: ServerResponse,
  code: ProblemCode,
  detail: string,
  requestId: string,
  more: Pick<Problem, 'accepted' | 'rejected' | 'errors'> = {},
  headers: OutgoingHttpHeaders = {},
): void {
  const { status, retryable } = PROBLEMS[code];
  const retry = retryable ? { retry_after_ms: RETRY_AFTER_SECONDS * 1000 } : {};
  const text = JSON.stringify(problem(code, detail, requestId, { ...more, ...retry }));
  const all: OutgoingHttpHeaders = {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  };
  if (retryable) all['retry-after'] = String(RETRY_AFTER_SECONDS);
  if (status === 401) all['www-authenticate'] = 'Bearer realm="sentinellog"';
  response.writeHead(status, all);
  response.end(text);
}
