/** One figure of ux §6, as a row of docs/console-goals.md wants it. */
export interface Measured {
  /** The number of the goal. */
  readonly goal: number;
  readonly what: string;
  readonly target: string;
  readonly measured: string;
  /** null where this machine cannot say. */
  readonly isMet: boolean | null;
}

/** The value that `share` of them do not exceed (nearest rank); NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** `12.3 ms`. */
export function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}
