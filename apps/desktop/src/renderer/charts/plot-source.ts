import type { DrawnSignal } from '@sentinellog/shared';

/** One line's buckets; every line of a chart has the same `t`. `null` is not known and is drawn as a gap. */
export interface LineColumns {
  /** Unix seconds. */
  readonly t: readonly number[];
  /** Per second (volume) or as a share (error rate). */
  readonly value: readonly (number | null)[];
  readonly mean: readonly (number | null)[];
  readonly lower: readonly (number | null)[];
  readonly upper: readonly (number | null)[];
}

export interface PlotLine {
  /** Drawn at the line's end where there are several. */
  readonly label: string;
  /** Index into the cluster colours; null for the main colour, which comes with a band. */
  readonly colour: number | null;
}

/** What a chart needs to know, asked for anew each frame: the numbers never pass through React. */
export interface PlotSource {
  readonly signal: DrawnSignal;
  readonly stepSeconds: number;
  readonly lines: readonly PlotLine[];
  /** `3σ`: how the threshold is named; null where no single one applies. */
  readonly thresholdName: string | null;
  /** A single line may have no baseline of its own. */
  readonly banded: boolean;
  /** The band rests on less than a day. */
  readonly learning: boolean;
  /** Moves when the numbers have changed. */
  version(): number;
  /** What stretch of time to show in this frame. */
  span(): { readonly fromMs: number; readonly toMs: number };
  /** One entry a line. */
  read(fromSecond: number, toSecond: number): readonly LineColumns[];
  /** End of the newest known bucket, in ms; null while there is none. */
  newestMs(): number | null;
  /** Age of the newest data by its own clock, in ms. */
  dataAgeMs(): number | null;
}
