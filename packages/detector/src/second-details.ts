/** What a second of a source held beside its counts. */
export interface SecondDetails {
  /** Buckets of `LatencySketch`, ascending, and how many durations fell into each. */
  readonly latency: readonly (readonly [bucket: number, times: number])[];
  readonly templates: readonly TemplateCount[];
}

export interface TemplateCount {
  /** Sixteen hex digits. */
  readonly id: string;
  readonly events: number;
  /** Of the events, those that were errors. */
  readonly errors: number;
  /** The source had never used it before. */
  readonly isFresh: boolean;
}
