import type { StateReader, StateWriter } from '../state-codec.ts';

/** Sums that give the scatter of counts around their common rate per exposure. */
const COUNT = 0;
const EXPOSURE = 1;
const COUNT_SQUARED = 2;
const COUNT_TIMES_EXPOSURE = 3;
const EXPOSURE_SQUARED = 4;
const CELLS = 5;
const WIDTH = 6;

/**
 * One minute of one series, second by second. Exposure is what the count could have come from: one a second for volume,
 * the events of the second for errors; so one model serves both.
 */
export class MinuteTally {
  readonly #seconds = new Float64Array(WIDTH);
  readonly #tens = new Float64Array(WIDTH);
  #tenCount = 0;
  #tenExposure = 0;
  #tenSeconds = 0;

  get count(): number {
    return this.#seconds[COUNT];
  }

  get exposure(): number {
    return this.#seconds[EXPOSURE];
  }

  get secondsSeen(): number {
    return this.#seconds[CELLS];
  }

  add(count: number, exposure: number): void {
    addCell(this.#seconds, count, exposure);
    this.#tenCount += count;
    this.#tenExposure += exposure;
    if (++this.#tenSeconds === 10) {
      addCell(this.#tens, this.#tenCount, this.#tenExposure);
      this.#tenCount = this.#tenExposure = this.#tenSeconds = 0;
    }
  }

  secondsScatter(): { variance: number; mean: number } | null {
    return scatterOf(this.#seconds);
  }

  tensScatter(): { variance: number; mean: number } | null {
    return scatterOf(this.#tens);
  }

  reset(): void {
    this.#seconds.fill(0);
    this.#tens.fill(0);
    this.#tenCount = this.#tenExposure = this.#tenSeconds = 0;
  }

  write(to: StateWriter): void {
    to.numbers(this.#seconds);
    to.numbers(this.#tens);
    for (const value of [this.#tenCount, this.#tenExposure, this.#tenSeconds]) to.number(value);
  }

  static read(from: StateReader): MinuteTally {
    const minute = new MinuteTally();
    from.numbersInto(minute.#seconds);
    from.numbersInto(minute.#tens);
    minute.#tenCount = from.number();
    minute.#tenExposure = from.number();
    minute.#tenSeconds = from.number();
    return minute;
  }
}

function addCell(sums: Float64Array, count: number, exposure: number): void {
  sums[COUNT] += count;
  sums[EXPOSURE] += exposure;
  sums[COUNT_SQUARED] += count * count;
  sums[COUNT_TIMES_EXPOSURE] += count * exposure;
  sums[EXPOSURE_SQUARED] += exposure * exposure;
  sums[CELLS] += 1;
}

/** Variance and mean of a cell; null where there is too little to tell. */
function scatterOf(sums: Float64Array): { variance: number; mean: number } | null {
  const cells = sums[CELLS];
  if (cells < 4 || sums[EXPOSURE] === 0) return null;
  const rate = sums[COUNT] / sums[EXPOSURE];
  const squares = sums[COUNT_SQUARED] - 2 * rate * sums[COUNT_TIMES_EXPOSURE] + rate * rate * sums[EXPOSURE_SQUARED];
  return { variance: Math.max(0, squares) / (cells - 1), mean: sums[COUNT] / cells };
}
