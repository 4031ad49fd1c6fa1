import type { StateReader, StateWriter } from '../state-codec.ts';
import { hourOfWeek, hourOfWeekName } from './local-clock.ts';
import { earned, StepMemory } from './step-memory.ts';

/** Five minutes: fine enough for a nightly job that starts on the dot, coarse enough to fill in a day. */
export const SLOT_SECONDS = 300;
const DAY_SLOTS = 288;
const WEEK_SLOTS = 168;
const SLOTS_AN_HOUR = 12;
/** Smaller surprises than 10 % (0.1 squared) are what `Noise` and `Level` are there for. */
const LEAST_SURPRISE = 0.01;

/** What a finished slot came to, as natural logarithms, and how much of it may be chance. */
export interface SlotOutcome {
  /** ln(seen / rate just before the slot). */
  readonly step: number;
  /** ln(seen / forecast). */
  readonly error: number;
  readonly variance: number;
  readonly quarantined: boolean;
}

/**
 * How the rate moves with the wall clock. Two layers, each believed as far as its evidence goes: steps of the time of day
 * (each slot shrunk to the hour around it, the hour to nothing), and on top what the hour of the week does differently.
 * With no evidence the season moves nothing, and the recent level is the forecast.
 */
export class Season {
  #day = new StepMemory(DAY_SLOTS);
  #week = new StepMemory(WEEK_SLOTS);
  /** Chance part of a step's variance, as of the last outcome: what means are measured against. */
  #variance = 0.01;

  /** ln of the factor by which the rate moves on entering this slot (a count of slots of wall time). */
  stepInto(wallSlot: number): number {
    const slot = slotOfDay(wallSlot);
    const visits = this.#day.visits(slot);
    const hour = this.#meanAround(slot);
    const common = earned(hour, this.#variance / SLOTS_AN_HOUR, visits);
    const own = earned(this.#day.step(slot) - hour, this.#variance, visits);
    return common + own + this.#weekStep(wallSlot);
  }

  /** Variance of ln(rate) that this time of day is known for. */
  volatility(wallSlot: number): number {
    const surprise = this.#day.surpriseAround(slotOfDay(wallSlot));
    return surprise > LEAST_SURPRISE ? surprise : 0;
  }

  learn(wallSlot: number, outcome: SlotOutcome): void {
    const slot = slotOfDay(wallSlot);
    if (outcome.quarantined) {
      this.#day.learnQuarantined(slot, outcome.error, outcome.variance);
      return;
    }
    const dayStep = this.#day.step(slot);
    this.#day.learn(slot, outcome.step, outcome.error, outcome.variance);
    if (opensAnHour(wallSlot)) {
      this.#week.learn(hourOfWeekAt(wallSlot), outcome.step - dayStep, outcome.error, outcome.variance);
    }
    this.#variance = outcome.variance;
  }

  /** In words, what the forecast for this slot rests on: `Mon 14h`, `02:05`, or `recent`. */
  describe(wallSlot: number): string {
    const hour = hourOfWeekAt(wallSlot);
    if (this.#week.visits(hour) >= 2) return hourOfWeekName(hour);
    const slot = slotOfDay(wallSlot);
    if (this.#day.visits(slot) === 0) return 'recent';
    const minute = (slot % SLOTS_AN_HOUR) * (SLOT_SECONDS / 60);
    return `${String(Math.floor(slot / SLOTS_AN_HOUR)).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
  }

  #weekStep(wallSlot: number): number {
    if (!opensAnHour(wallSlot)) return 0;
    const hour = hourOfWeekAt(wallSlot);
    return earned(this.#week.step(hour), this.#variance, this.#week.visits(hour));
  }

  #meanAround(slot: number): number {
    let sum = 0;
    for (let i = -SLOTS_AN_HOUR / 2; i < SLOTS_AN_HOUR / 2; i++)
      sum += this.#day.step((slot + i + DAY_SLOTS) % DAY_SLOTS);
    return sum / SLOTS_AN_HOUR;
  }

  write(to: StateWriter): void {
    this.#day.write(to);
    this.#week.write(to);
    to.number(this.#variance);
  }

  static read(from: StateReader): Season {
    const season = new Season();
    season.#day = StepMemory.read(from, DAY_SLOTS);
    season.#week = StepMemory.read(from, WEEK_SLOTS);
    season.#variance = from.number();
    return season;
  }
}

function slotOfDay(wallSlot: number): number {
  return ((wallSlot % DAY_SLOTS) + DAY_SLOTS) % DAY_SLOTS;
}

function opensAnHour(wallSlot: number): boolean {
  return wallSlot % SLOTS_AN_HOUR === 0;
}

function hourOfWeekAt(wallSlot: number): number {
  return hourOfWeek(wallSlot * SLOT_SECONDS);
}
