import type { StateReader, StateWriter } from '../state-codec.ts';

/** Ten visits of a slot are remembered, older ones fade: a week and a half of days, ten weeks of Mondays. */
const VISITS_REMEMBERED = 10;
/** Errors of a forecast within this many σ are chance, not habit. */
const SURPRISING = 3;

/**
 * What each slot of a season has done before: by how much the rate steps (ln of the ratio to just before), and how far the
 * forecast was off. Steps, not levels, so that growth and level shifts leave the season as it is, and a day that was
 * quarantined leaves no hole.
 */
export class StepMemory {
  readonly slots: number;
  readonly #step: Float32Array;
  readonly #surprise: Float32Array;
  readonly #visits: Uint8Array;
  /** 1: the last visit was quarantined. A second one in a row makes it a habit. */
  readonly #doubt: Uint8Array;

  constructor(slots: number) {
    this.slots = slots;
    this.#step = new Float32Array(slots);
    this.#surprise = new Float32Array(slots);
    this.#visits = new Uint8Array(slots);
    this.#doubt = new Uint8Array(slots);
  }

  visits(slot: number): number {
    return this.#visits[slot];
  }

  step(slot: number): number {
    return this.#step[slot];
  }

  /** Variance of ln(rate) that this slot or the ones beside it are known for: what comes some minutes early or late is no news. */
  surpriseAround(slot: number): number {
    const before = this.#surprise[(slot + this.slots - 1) % this.slots];
    const after = this.#surprise[(slot + 1) % this.slots];
    return Math.max(before, this.#surprise[slot], after);
  }

  /**
   * @param step ln(seen / level before the slot)
   * @param error ln(seen / forecast)
   * @param variance of both by mere chance
   */
  learn(slot: number, step: number, error: number, variance: number): void {
    const visits = this.#visits[slot];
    this.#step[slot] += (step - this.#step[slot]) / Math.min(visits + 1, VISITS_REMEMBERED);
    this.#learnSurprise(slot, error, variance);
    this.#visits[slot] = Math.min(visits + 1, 255);
    this.#doubt[slot] = 0;
  }

  /**
   * An anomaly ran through this slot: it teaches nothing, unless it happens every time. A slot that was never seen without
   * one has no other habit to believe in: so a nightly job is news once, and a new one in an old series twice.
   */
  learnQuarantined(slot: number, error: number, variance: number): void {
    if (this.#visits[slot] === 0 || this.#doubt[slot] === 1) this.#learnSurprise(slot, error, variance);
    this.#doubt[slot] = 1;
  }

  #learnSurprise(slot: number, error: number, variance: number): void {
    const known = this.#surprise[slot];
    // Up at once, down over a week of visits: a job that skips a day is still a job.
    const beyondChance = error * error > SURPRISING ** 2 * variance ? error * error : 0;
    this.#surprise[slot] = beyondChance > known ? beyondChance : known + (beyondChance - known) / 7;
  }

  write(to: StateWriter): void {
    to.floats(this.#step);
    to.floats(this.#surprise);
    to.bytes(this.#visits);
    to.bytes(this.#doubt);
  }

  static read(from: StateReader, slots: number): StepMemory {
    const memory = new StepMemory(slots);
    from.floatsInto(memory.#step);
    from.floatsInto(memory.#surprise);
    memory.#visits.set(from.bytes(slots));
    memory.#doubt.set(from.bytes(slots));
    return memory;
  }
}

/**
 * A season must be earned: a mean over `visits` is believed as far as it stands out from its own standard error
 * (positive-part James-Stein, two standard errors), and a single visit only by half.
 */
export function earned(mean: number, varianceOfOne: number, visits: number): number {
  if (visits === 0 || mean === 0) return 0;
  const beyondChance = Math.max(0, 1 - (4 * varianceOfOne) / (visits * mean * mean));
  return mean * beyondChance * (visits / (visits + 1));
}
