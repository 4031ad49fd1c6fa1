/** Why a caller was turned away: the same word goes to the log, the metric and the tests. */
export const AUTH_FAILURES = [
  'missing',
  'unknown',
  'revoked',
  'session_ended',
  'scope',
  'origin',
  'rate_limited',
  'hello_timeout',
  'signature',
] as const;
export type AuthFailure = (typeof AUTH_FAILURES)[number];

/** Counts of callers turned away, read by `/metrics`. */
export class AuthFailureCounts {
  readonly #counts = new Map<AuthFailure, number>(AUTH_FAILURES.map((reason) => [reason, 0]));

  count(reason: AuthFailure): void {
    this.#counts.set(reason, this.of(reason) + 1);
  }

  of(reason: AuthFailure): number {
    return this.#counts.get(reason) ?? 0;
  }

  get all(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
