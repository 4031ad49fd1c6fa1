import type { StateReader, StateWriter } from '../state-codec.ts';

/** Share of looks that make up the tail. */
const SHARE = 0.02;
/** Looks that are remembered. */
const MEMORY = 3000;
/** One excess teaches at most so many times the mean one: an incident must not make the series deaf. */
const MOST_AT_ONCE = 4;
/** Before anything is seen: a tail like a Gaussian's, with the weight of so many excesses. */
const PRIOR = { level: 1, excess: 0.5, weight: 5 } as const;
/** Smallest step of the level, in mean excesses. */
const LEAST_STEP = 0.02;
const LEAST_EXCESS = 0.1;
const LEAST_LEVEL = 0.05;

/**
 * Learns how far out a series goes by itself, and so which distance is rare for IT: peaks over a threshold with an exponential
 * tail (A. Siffer et al., Anomaly detection in streams with extreme value theory, KDD 2017, with γ = 0), in two numbers: the
 * level that 2 % of all looks exceed, by stochastic approximation, and the mean excess over it.
 */
export class Tail {
  #level: number = PRIOR.level;
  #excess: number = PRIOR.excess;
  #looks = 0;

  /** The distance that is exceeded once in `looks` looks. */
  reachedOnceIn(looks: number): number {
    return this.#level + this.#excess * Math.log(SHARE * looks);
  }

  learn(distance: number): void {
    this.#looks++;
    const step = Math.max(LEAST_STEP, 1 / Math.sqrt(this.#looks)) * Math.max(this.#excess, LEAST_EXCESS);
    this.#level = Math.max(LEAST_LEVEL, this.#level + step * ((distance > this.#level ? 1 : 0) - SHARE));
    if (distance <= this.#level) return;
    const over = Math.min(distance - this.#level, MOST_AT_ONCE * this.#excess);
    this.#excess += (over - this.#excess) / Math.min(MEMORY * SHARE, PRIOR.weight + this.#looks * SHARE);
  }

  write(to: StateWriter): void {
    for (const value of [this.#level, this.#excess, this.#looks]) to.number(value);
  }

  read(from: StateReader): void {
    this.#level = from.number();
    this.#excess = from.number();
    this.#looks = from.number();
  }
}
