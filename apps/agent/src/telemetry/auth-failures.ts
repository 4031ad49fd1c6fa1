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

export interface Denial {
  readonly reason: AuthFailure;
  readonly address: string;
  /** Known when it is the right that lacks, not the credential. */
  readonly caller?: { readonly name: string; readonly tokenId: string } | undefined;
}

/** Counts of callers turned away, read by `/metrics`. */
export class AuthFailureCounts {
  readonly #onDenied: (denial: Denial) => void;
  readonly #counts = new Map<AuthFailure, number>(AUTH_FAILURES.map((reason) => [reason, 0]));

  constructor(onDenied: (denial: Denial) => void = () => undefined) {
    this.#onDenied = onDenied;
  }

  count(denial: Denial): void {
    this.#counts.set(denial.reason, this.of(denial.reason) + 1);
    this.#onDenied(denial);
  }

  of(reason: AuthFailure): number {
    return this.#counts.get(reason) ?? 0;
  }

  get all(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
