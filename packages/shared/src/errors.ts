import { z } from 'zod';

/**
 * Every way a request can fail, with its HTTP status and whether the same request may succeed later.
 * One table: the API, the ingest front and the console's words all come from it.
 */
export const PROBLEMS = {
  invalid_json: { status: 400, retryable: false, title: 'The body is not valid JSON' },
  invalid_protobuf: { status: 400, retryable: false, title: 'The body is not a valid protobuf message' },
  invalid_timestamp: { status: 400, retryable: false, title: 'A timestamp is not what the protocol asks for' },
  invalid_request: { status: 400, retryable: false, title: 'The request is not what this route takes' },
  nesting_too_deep: { status: 400, retryable: false, title: 'The JSON is nested too deeply' },
  too_many_fields: { status: 400, retryable: false, title: 'The event has too many fields' },
  event_too_large: { status: 413, retryable: false, title: 'The event is larger than the limit' },
  body_too_large: { status: 413, retryable: false, title: 'The body is larger than the limit' },
  decompressed_too_large: { status: 413, retryable: false, title: 'The decompressed body is larger than the limit' },
  headers_too_large: { status: 431, retryable: false, title: 'The request headers are larger than the limit' },
  unsupported_encoding: { status: 415, retryable: false, title: 'The content encoding is not supported' },
  unsupported_media_type: { status: 415, retryable: false, title: 'The content type is not supported' },
  unauthenticated: { status: 401, retryable: false, title: 'A valid key or token is needed' },
  key_revoked: { status: 401, retryable: false, title: 'The key has been revoked' },
  forbidden: { status: 403, retryable: false, title: 'The caller lacks the scope for this' },
  rate_limited: { status: 429, retryable: true, title: 'Too many requests' },
  quota_exceeded: { status: 429, retryable: true, title: 'The quota is used up' },
  overloaded: { status: 503, retryable: true, title: 'The agent is overloaded' },
  disk_full: { status: 503, retryable: true, title: 'The journal volume is full' },
  storage_unavailable: { status: 503, retryable: true, title: 'Storage is not available' },
  shutting_down: { status: 503, retryable: true, title: 'The agent is shutting down' },
  not_ready: { status: 503, retryable: true, title: 'The agent is not ready' },
  upstream_failed: { status: 502, retryable: true, title: 'A service that was asked gave no usable answer' },
  not_found: { status: 404, retryable: false, title: 'Not found' },
  method_not_allowed: { status: 405, retryable: false, title: 'The method is not allowed here' },
  conflict: { status: 409, retryable: false, title: 'The object has changed since it was read' },
  still_firing: { status: 409, retryable: false, title: 'The incident is still firing' },
  internal: { status: 500, retryable: false, title: 'The agent made a mistake' },
} as const;
export type ProblemCode = keyof typeof PROBLEMS;

/** Why one event of a batch was not accepted. `line` counts from 1; the raw text is never echoed. */
export const EventErrorSchema = z.object({ line: z.number().int(), code: z.string(), detail: z.string() });
export type EventError = z.infer<typeof EventErrorSchema>;

/** An RFC 9457 problem document. */
export const ProblemSchema = z.object({
  type: z.string(),
  code: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  retryable: z.boolean(),
  retry_after_ms: z.number().int().optional(),
  request_id: z.string(),
  accepted: z.number().int().optional(),
  rejected: z.number().int().optional(),
  errors: z.array(EventErrorSchema).optional(),
  /** Of a 409: the object as it is now, and the name of who changed it last. */
  current: z.unknown().optional(),
  changed_by: z.string().nullable().optional(),
});
export type Problem = z.infer<typeof ProblemSchema>;

export function problem(
  code: ProblemCode,
  detail: string,
  requestId: string,
  more: Pick<Problem, 'retry_after_ms' | 'accepted' | 'rejected' | 'errors' | 'current' | 'changed_by'> = {},
): Problem {
  const { status, retryable, title } = PROBLEMS[code];
  return {
    type: `https://sentinellog.dev/errors/${code}`,
    code,
    title,
    status,
    detail,
    retryable,
    request_id: requestId,
    ...more,
  };
}

/** Thrown where a request cannot go on; the one error handler turns it into a problem document. */
export class RequestError extends Error {
  readonly code: ProblemCode;
  constructor(code: ProblemCode, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.name = 'RequestError';
    this.code = code;
  }
}
