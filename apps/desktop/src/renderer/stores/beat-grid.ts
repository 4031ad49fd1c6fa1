/** A reading and its baseline, per second of the signal's unit; NaN where something is not known. */
export interface Reading {
  readonly value: number;
  readonly mean: number;
  readonly lower: number;
  readonly upper: number;
}

export const UNKNOWN: Reading = { value: Number.NaN, mean: Number.NaN, lower: Number.NaN, upper: Number.NaN };

/** What a chart draws: one row a bucket, `null` where nothing is known, so that a gap stays a gap. */
export interface GridColumns {
  /** Unix seconds, start of each bucket. */
  readonly t: number[];
  readonly value: (number | null)[];
  readonly mean: (number | null)[];
  readonly lower: (number | null)[];
  readonly upper: (number | null)[];
}

const WIDTH = 4;

/**
 * A ring of buckets of one series, addressed by bucket number (unix second ÷ step). Old buckets fall out by
 * themselves; a late beat corrects its own bucket; a bucket that never came is unknown, not zero.
 */
export class BeatGrid {
  readonly stepSeconds: number;
  readonly capacity: number;
  readonly #stamps: Float64Array;
  readonly #cells: Float64Array;
  #newest = -1;

  constructor(stepSeconds: number, capacity: number) {
    this.stepSeconds = stepSeconds;
    this.capacity = capacity;
    this.#stamps = new Float64Array(capacity).fill(-1);
    this.#cells = new Float64Array(capacity * WIDTH);
  }

  /** The highest bucket with a known value; -1 while there is none. */
  get newest(): number {
    return this.#newest;
  }

  bucketOf(unixSecond: number): number {
    return Math.floor(unixSecond / this.stepSeconds);
  }

  put(bucket: number, reading: Reading): void {
    if (bucket < 0 || bucket <= this.#newest - this.capacity) return;
    const slot = bucket % this.capacity;
    this.#stamps[slot] = bucket;
    const at = slot * WIDTH;
    this.#cells[at] = reading.value;
    this.#cells[at + 1] = reading.mean;
    this.#cells[at + 2] = reading.lower;
    this.#cells[at + 3] = reading.upper;
    if (bucket > this.#newest && !Number.isNaN(reading.value)) this.#newest = bucket;
  }

  get(bucket: number): Reading {
    const slot = bucket % this.capacity;
    if (bucket < 0 || this.#stamps[slot] !== bucket) return UNKNOWN;
    const at = slot * WIDTH;
    return {
      value: this.#cells[at]!,
      mean: this.#cells[at + 1]!,
      lower: this.#cells[at + 2]!,
      upper: this.#cells[at + 3]!,
    };
  }

  /** Every bucket from one to another, both included; plain arrays, because uPlot draws a line across a NaN. */
  columns(fromBucket: number, toBucket: number): GridColumns {
    const columns: GridColumns = { t: [], value: [], mean: [], lower: [], upper: [] };
    for (let bucket = fromBucket; bucket <= toBucket; bucket++) {
      const slot = bucket % this.capacity;
      const known = bucket >= 0 && this.#stamps[slot] === bucket;
      const at = slot * WIDTH;
      columns.t.push(bucket * this.stepSeconds);
      columns.value.push(known ? orNull(this.#cells[at]!) : null);
      columns.mean.push(known ? orNull(this.#cells[at + 1]!) : null);
      columns.lower.push(known ? orNull(this.#cells[at + 2]!) : null);
      columns.upper.push(known ? orNull(this.#cells[at + 3]!) : null);
    }
    return columns;
  }
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
