import type { StateReader, StateWriter } from '../state-codec.ts';

/**
 * Rates wander: by 0.5 % a minute, so that a busy series forgets with a time constant of some ten minutes and a
 * sparse one with hours. (The steady gain of the filter is √(wander/noise): 0.1 where minutes scatter by 5 %.)
 */
const WANDER = 0.005 ** 2;
/** While nobody looks, a daily rhythm carries the rate away in one direction: up to some 20 % an hour. */
const DRIFT = 0.003;
const MOST_UNCERTAIN = 4;
/** Nothing is ever impossible: one event in 28 hours, one error in 100,000 events. */
const LEAST_RATE = 1e-5;

/**
 * The rate of a series per exposure, as it is right now, and how well it is known. A gamma distribution of precision 1/P
 * that forgets by P growing: exact for counts, from zero lines an hour to thousands a second, and never negative.
 */
export class Level {
  rate = LEAST_RATE;
  /** P: relative variance of the rate. */
  uncertainty = MOST_UNCERTAIN;

  /** Time passes: what was known is known less well. `volatility` is the variance of ln(rate) that this time of day is known for. */
  age(minutes: number, volatility: number): void {
    const unseen = minutes > 1 ? (DRIFT * minutes) ** 2 : 0;
    this.uncertainty = Math.min(MOST_UNCERTAIN, this.uncertainty + WANDER * minutes + unseen + volatility);
  }

  /** The season says how far the rate goes from here: ln of the ratio; a share of events goes to 1 at most. */
  move(logStep: number, most: number): void {
    this.rate = Math.min(most, Math.max(LEAST_RATE, this.rate * Math.exp(logStep)));
  }

  /**
   * @param noise variance of the count over its mean, with everything in it but the uncertainty of the rate itself
   */
  learn(count: number, exposure: number, noise: number): void {
    const precision = 1 / this.uncertainty;
    const seen = precision + count / noise;
    this.rate = Math.max(LEAST_RATE, (this.rate * seen) / (precision + (this.rate * exposure) / noise));
    this.uncertainty = Math.min(MOST_UNCERTAIN, 1 / seen);
  }

  /** Starts over from what was seen, trusting it only loosely. */
  restart(rate: number, uncertainty: number): void {
    this.rate = Math.max(LEAST_RATE, rate);
    this.uncertainty = Math.min(MOST_UNCERTAIN, uncertainty);
  }

  write(to: StateWriter): void {
    to.number(this.rate);
    to.number(this.uncertainty);
  }

  static read(from: StateReader): Level {
    const level = new Level();
    level.rate = from.number();
    level.uncertainty = from.number();
    return level;
  }
}
