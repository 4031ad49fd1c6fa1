import type { LatencySketch } from '@sentinellog/shared';
import type { DetectorKind, Finding } from './detector.ts';
import type { FrameCounts } from './recent-seconds.ts';
import type { StateReader, StateWriter } from './state-codec.ts';

/** How often one template came. */
export interface TemplateMinute {
  events: number;
  errors: number;
  isFresh: boolean;
}

/** One whole minute of a source: how many lines of each level, how long things took, and what was said. */
export interface MinuteView {
  /** Unix second after its last. */
  readonly end: number;
  /** The same instant on the wall clock of the source, read as if it were UTC. */
  readonly wallEnd: number;
  readonly counts: FrameCounts;
  /** Of the events that say how long they took. */
  readonly latency: LatencySketch;
  readonly templates: ReadonlyMap<string, TemplateMinute>;
}

/** What a minute measured, against what was usual: drawn, whether or not it was worth a word. */
export interface MeasuredMinute {
  /** Unix second after its last. */
  readonly end: number;
  readonly value: number;
  /** NaN while nothing is learnt. */
  readonly usual: number;
  /** σ of ln(value). */
  readonly spread: number;
}

/**
 * Looks at whole minutes of one source and says which of its series are outside. Pure, and scores before it learns. `judge` gets
 * every minute that was seen whole, in order; a finding of a series keeps its anomaly open; deciding without one for two minutes and more ends it.
 */
export interface MinuteDetector {
  readonly name: string;
  /** How often it decides: 60, or a multiple. */
  readonly seconds: number;
  /** @param sigma that a score has to reach */
  judge(minute: MinuteView, sigma: number): readonly Finding[];
  /** Minutes are missing: whatever was counted in a row starts over. */
  interrupt(): void;
  write(to: StateWriter): void;
  read(from: StateReader): void;
}

/** An entry of the registry. */
export interface MinuteDetectorKind {
  readonly name: string;
  readonly law: DetectorKind['law'];
  create(): MinuteDetector;
}
