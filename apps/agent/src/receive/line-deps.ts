import type { Deliverer } from './deliver.ts';
import type { Scanned } from './intake.ts';
import type { TextReadings } from './text-readings.ts';

/** What every receiver needs that does not come over HTTP. */
export interface LineDeps<Batch extends Scanned> {
  readonly deliverer: Deliverer<Batch>;
  readonly readings: TextReadings;
  readonly now: () => number;
  /** Counts what was given up or turned away, by reason. */
  readonly count: (reason: string, amount?: number) => void;
  /** A mistake of ours: it is logged, and what it hit goes on. */
  readonly onFault: (error: unknown) => void;
  /** Ends early, without an error, when the signal comes. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Comes when deliveries must end, whatever is left of them. */
  readonly ended: AbortSignal;
}
