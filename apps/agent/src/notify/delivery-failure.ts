/**
 * What a failed attempt asks for. `retry`: it cures itself; `drop`: this message will never be taken, others may;
 * `broken`: nothing gets through until a person mends the channel.
 */
export const FAILURE_REMEDIES = ['retry', 'drop', 'broken'] as const;
export type FailureRemedy = (typeof FAILURE_REMEDIES)[number];

export interface FailureFacts {
  /** A word of a closed set of ours: the label of the metric. */
  readonly reason: FailureReason;
  /** Whether the other side may have taken it all the same. */
  readonly mayHaveArrived?: boolean;
  /** The other side asked for this pause. */
  readonly retryAfterMs?: number;
}

export const FAILURE_REASONS = [
  'timeout',
  'unreachable',
  'rate_limited',
  'server_error',
  'refused',
  'auth',
  'configuration',
  'forbidden_target',
  'bad_answer',
  'mistake',
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** Why a channel did not take a message. The text is for people and holds no secret. */
export class DeliveryFailure extends Error {
  readonly remedy: FailureRemedy;
  readonly reason: FailureReason;
  readonly mayHaveArrived: boolean;
  readonly retryAfterMs: number | null;

  constructor(remedy: FailureRemedy, text: string, facts: FailureFacts, options?: ErrorOptions) {
    super(text, options);
    this.name = 'DeliveryFailure';
    this.remedy = remedy;
    this.reason = facts.reason;
    this.mayHaveArrived = facts.mayHaveArrived ?? false;
    this.retryAfterMs = facts.retryAfterMs ?? null;
  }
}

/** Errors of Node's network that say that nothing was sent. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** From whatever a client library throws when the other side cannot be reached. */
export function asFailure(error: unknown, who: string): DeliveryFailure {
  if (error instanceof DeliveryFailure) return error;
  const code = codeOf(error);
  if (isTimeout(error, code)) {
    const text = `${who} did not answer in time`;
    return new DeliveryFailure('retry', text, { reason: 'timeout', mayHaveArrived: true }, { cause: error });
  }
  if (code === undefined) {
    const text = `telling ${who} failed: ${error instanceof Error ? error.name : typeof error}`;
    return new DeliveryFailure('retry', text, { reason: 'mistake', mayHaveArrived: true }, { cause: error });
  }
  const text = `${who} cannot be reached (${code})`;
  return new DeliveryFailure(
    'retry',
    text,
    { reason: 'unreachable', mayHaveArrived: !NOT_SENT.has(code) },
    { cause: error },
  );
}

function isTimeout(error: unknown, code: string | undefined): boolean {
  if (code !== undefined && /TIMEOUT|TIMEDOUT/.test(code)) return true;
  return chain(error).some((each) => each.name === 'TimeoutError' || each.name === 'AbortError');
}

function codeOf(error: unknown): string | undefined {
  for (const each of chain(error)) {
    if ('code' in each && typeof each.code === 'string' && /^[A-Z_]+$/.test(each.code)) return each.code;
  }
  return undefined;
}

/** The error and what it was caused by; a library may hide the system's word three deep. */
function chain(error: unknown): readonly Error[] {
  const found: Error[] = [];
  for (let each = error; each instanceof Error && found.length < 5; ) {
    found.push(each);
    if (each instanceof AggregateError) each = each.errors[0];
    else each = 'original' in each ? each.original : each.cause;
  }
  return found;
}

/** The failure that a status of HTTP stands for; null for 2xx. @param who who answered, for the text */
export function failureOfStatus(
  status: number,
  headers: Readonly<Record<string, string>>,
  who: string,
): DeliveryFailure | null {
  if (status >= 200 && status < 300) return null;
  if (status === 429) {
    const seconds = Number(headers['retry-after']);
    const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 3600) * 1000 : 30_000;
    return new DeliveryFailure('retry', `${who} asks for a pause`, { reason: 'rate_limited', retryAfterMs });
  }
  if (status === 401 || status === 403) {
    return new DeliveryFailure('broken', `${who} refuses the credentials (${status}): replace them`, {
      reason: 'auth',
    });
  }
  if (status === 404 || status === 410) {
    return new DeliveryFailure('broken', `${who} does not know this address (${status}): check it`, {
      reason: 'configuration',
    });
  }
  if (status >= 500 || status === 408 || status === 425) {
    return new DeliveryFailure('retry', `${who} answered ${status}`, { reason: 'server_error', mayHaveArrived: true });
  }
  if (status >= 300 && status < 400) {
    return new DeliveryFailure('broken', `${who} redirects (${status}), which is not followed: set the final address`, {
      reason: 'configuration',
    });
  }
  return new DeliveryFailure('drop', `${who} refuses this message (${status})`, { reason: 'refused' });
}
