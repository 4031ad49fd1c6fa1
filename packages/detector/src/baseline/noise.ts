import type { StateReader, StateWriter } from '../state-codec.ts';
import type { MinuteTally } from './minute-tally.ts';

/** Six hours of minutes: long enough to be steady, short enough that a service that changes its ways is believed by evening. */
const MEMORY = 1 - 1 / 360;
/** Before anything is known: counts scatter 1.3 times as much as Poisson's, and forecasts of a minute are off by 12 %. */
const PRIOR_DISPERSION = 1.3;
const PRIOR_DISPERSION_WEIGHT = 0.3;
const PRIOR_RELATIVE = 0.12;
const PRIOR_RELATIVE_WEIGHT = 5;
/** No service keeps its rate to better than this for long, whatever a steady night says. */
const LEAST_RELATIVE = 0.04;
/** Counts that come like clockwork (health checks) still get Poisson's variance: a floor, so that σ is never zero. */
const LEAST_DISPERSION = 1;
/** A minute may count as at most this many times as noisy as what is known: a burst nobody was told about must not widen the band. */
const MOST_AT_ONCE = 4;

/**
 * How much a series scatters around its rate: variance of a window with expected count m = dispersion·m + (relative·m)².
 * `dispersion` is what the seconds and the tens of seconds within a minute show, `relative` what forecasts of whole
 * minutes get wrong in proportion. Both are ratios of sums that forget.
 */
export class Noise {
  #seconds = { over: PRIOR_DISPERSION * PRIOR_DISPERSION_WEIGHT, under: PRIOR_DISPERSION_WEIGHT };
  #tens = { over: PRIOR_DISPERSION * PRIOR_DISPERSION_WEIGHT, under: PRIOR_DISPERSION_WEIGHT };
  #relative = { over: PRIOR_RELATIVE ** 2 * PRIOR_RELATIVE_WEIGHT, under: PRIOR_RELATIVE_WEIGHT };

  get dispersion(): number {
    return Math.max(LEAST_DISPERSION, this.#seconds.over / this.#seconds.under, this.#tens.over / this.#tens.under);
  }

  get relative(): number {
    return Math.sqrt(Math.max(LEAST_RELATIVE ** 2, this.#relative.over / this.#relative.under));
  }

  /**
   * @param expected count of this minute, as it was forecast
   * @param uncertainty of that forecast: relative variance
   */
  learn(minute: MinuteTally, expected: number, uncertainty: number): void {
    const { dispersion, relative } = this;
    learnScatter(this.#seconds, minute.secondsScatter(), dispersion);
    learnScatter(this.#tens, minute.tensScatter(), dispersion);
    const variance = dispersion * expected + (relative ** 2 + uncertainty) * expected ** 2;
    const missed = Math.min((minute.count - expected) ** 2, MOST_AT_ONCE ** 2 * variance) / expected ** 2;
    // A minute of few events says nothing about proportional noise.
    const weight = expected / (expected + 50 * dispersion);
    this.#relative.over = this.#relative.over * MEMORY + weight * (missed - dispersion / expected - uncertainty);
    this.#relative.under = this.#relative.under * MEMORY + weight;
  }

  write(to: StateWriter): void {
    for (const { over, under } of [this.#seconds, this.#tens, this.#relative]) {
      to.number(over);
      to.number(under);
    }
  }

  static read(from: StateReader): Noise {
    const noise = new Noise();
    for (const ratio of [noise.#seconds, noise.#tens, noise.#relative]) {
      ratio.over = from.number();
      ratio.under = from.number();
    }
    return noise;
  }
}

function learnScatter(
  ratio: { over: number; under: number },
  scatter: { readonly variance: number; readonly mean: number } | null,
  known: number,
): void {
  if (!scatter) return;
  ratio.over = ratio.over * MEMORY + Math.min(scatter.variance, MOST_AT_ONCE * known * scatter.mean);
  ratio.under = ratio.under * MEMORY + scatter.mean;
}
