import type { Finding } from '../detector.ts';
import type { MeasuredMinute, MinuteDetector, MinuteDetectorKind, MinuteView } from '../minute-detector.ts';
import { milliseconds } from '../reason.ts';
import type { StateReader, StateWriter } from '../state-codec.ts';
import { deviationScore, requiredZ } from '../stats/looks.ts';

const SECONDS = 60;
const HOURS = 24;
const WATCHED_SHARE = 0.99;
/** A p99 of fewer durations is the largest of them, and says nothing. */
const LEAST_DURATIONS = 20;
/** Requirement S2-04: at least ten points before anything is said. */
const LEAST_MINUTES = 10;
/** The recent level forgets over an hour of minutes (S2-04), the habits of an hour of the day over ten days of it. */
const LEVEL_MINUTES = 60;
const HABIT_MINUTES = 600;
/** What an hour of the day is believed by: as many minutes of nothing unusual are thought of it before any is seen. */
const HABIT_PRIOR_MINUTES = 60;
/** What one minute may teach, in σ: an incident bends the level within hours, it does not take it over. */
const MOST_TAUGHT = 2;
/** No service keeps its p99 to better than 8 % of itself for long. */
const LEAST_STDDEV = 0.08;
const PRIOR_STDDEV = 0.3;
/** The p99 of n durations of an exponential tail is off by 2.2/√n of itself (order statistics). */
const SAMPLING = 2.2;
/** Slower by less than half, or by less than 10 ms, is nobody's incident. */
const LEAST_RISE = 1.5;
const LEAST_MS = 10;
/** Minutes in a row; one is enough at twice the sensitivity. Up to five are one window: chance averages out in them, what is learnt does not. */
const RUN = 2;
const MOST_IN_A_RUN = 5;
const CERTAIN = 2;

/** The p99 of durations against what is usual at this hour, on a logarithmic scale: twice as slow is as odd at 5 ms as at 5 s. */
export class SlowMinutes implements MinuteDetector {
  readonly name = 'slow_minutes';
  readonly seconds = 60;
  #level = 0;
  #variance = PRIOR_STDDEV ** 2;
  #minutes = 0;
  /** Minutes in a row that were slow, their durations, and how far each lay above, by durations. */
  #run = 0;
  #runCount = 0;
  #runMissed = 0;
  /** By hour of the day: how far the logarithm is off the level, and minutes that say so. */
  #habit: Float32Array | null = null;
  /** For those who draw; no part of the state, as the next minute says it again. */
  #measured: MeasuredMinute | null = null;

  /** The newest minute with durations enough to tell their p99, in ms. */
  get measured(): MeasuredMinute | null {
    return this.#measured;
  }

  judge({ end, wallEnd, latency }: MinuteView, sigma: number): readonly Finding[] {
    const { count } = latency;
    if (count < LEAST_DURATIONS) return [];
    const p99 = latency.quantile(WATCHED_SHARE);
    const hour = Math.floor(wallEnd / 3600) % HOURS;
    const expected = this.#level + this.#habitAt(hour);
    const usual = Math.exp(expected);
    const stddev = this.#stddevOver(count);
    const isKnown = this.#minutes >= LEAST_MINUTES;
    const isSlow = isKnown && p99 >= LEAST_RISE * usual && p99 - usual >= LEAST_MS;
    if (isSlow) this.#extendRun(count, Math.log(p99) - expected);
    else this.interrupt();
    const z = isSlow ? this.#runMissed / this.#runCount / this.#stddevOver(this.#runCount) : 0;
    const score = deviationScore(z, SECONDS);
    const isOutside = isSlow && score >= sigma;
    this.#measured = { end, value: p99, usual: isKnown ? usual : Number.NaN, spread: stddev };
    this.#learn(Math.log(p99), hour, stddev, count);
    if (!isOutside || (this.#run < RUN && score < CERTAIN * sigma)) return [];
    const reason = `p99 of ${count} durations in 1 min was ${milliseconds(p99)} where ${milliseconds(usual)} is normal (${score.toFixed(1)}σ above)`;
    return [
      {
        detector: this.name,
        direction: 'high',
        score,
        reason,
        window: {
          signal: 'latency_p99',
          end,
          wallEnd,
          seconds: SECONDS,
          count: p99,
          events: count,
          mean: usual,
          // In ms, with the σ that makes the same z of them.
          variance: ((p99 - usual) / requiredZ(score, SECONDS)) ** 2,
          habit: 0,
        },
      },
    ];
  }

  interrupt(): void {
    this.#run = this.#runCount = this.#runMissed = 0;
  }

  /** Of the logarithm of a p99 of so many durations. */
  #stddevOver(durations: number): number {
    return Math.sqrt(Math.max(this.#variance, LEAST_STDDEV ** 2) + SAMPLING ** 2 / durations);
  }

  #extendRun(count: number, missed: number): void {
    const kept = this.#run < MOST_IN_A_RUN ? 1 : (MOST_IN_A_RUN - 1) / MOST_IN_A_RUN;
    this.#run = Math.min(MOST_IN_A_RUN, this.#run + 1);
    this.#runCount = this.#runCount * kept + count;
    this.#runMissed = this.#runMissed * kept + count * missed;
  }

  #habitAt(hour: number): number {
    return this.#habit?.[hour] ?? 0;
  }

  #learn(value: number, hour: number, stddev: number, count: number): void {
    if (this.#minutes === 0) this.#level = value;
    const habit = (this.#habit ??= new Float32Array(2 * HOURS));
    this.#minutes++;
    const missed = value - this.#level - habit[hour];
    const most = this.#minutes > LEAST_MINUTES ? MOST_TAUGHT * stddev : Number.POSITIVE_INFINITY;
    const taught = Math.max(-most, Math.min(most, missed));
    const seen = habit[HOURS + hour] + 1;
    habit[HOURS + hour] = Math.min(HABIT_MINUTES, seen);
    habit[hour] += taught / (Math.min(HABIT_MINUTES, seen) + HABIT_PRIOR_MINUTES);
    this.#level += taught / Math.min(LEVEL_MINUTES, this.#minutes);
    // What chance makes of so few durations is added where it is used, and is no habit of the service. Below zero a minute was luckier than
    // chance: cut there, the mean would be too large.
    const own = taught ** 2 - SAMPLING ** 2 / count;
    this.#variance += (own - this.#variance) / Math.min(LEVEL_MINUTES, this.#minutes + LEAST_MINUTES);
  }

  write(to: StateWriter): void {
    for (const value of [this.#level, this.#variance, this.#minutes]) to.number(value);
    for (const value of [this.#run, this.#runCount, this.#runMissed, this.#habit ? 1 : 0]) to.number(value);
    if (this.#habit) to.floats(this.#habit);
  }

  read(from: StateReader): void {
    this.#level = from.number();
    this.#variance = from.number();
    this.#minutes = from.number();
    this.#run = from.number();
    this.#runCount = from.number();
    this.#runMissed = from.number();
    if (from.number() === 0) return;
    this.#habit = new Float32Array(2 * HOURS);
    from.floatsInto(this.#habit);
  }
}

export const SLOW_MINUTES: MinuteDetectorKind = {
  name: 'slow_minutes',
  law: 'plain',
  create: () => new SlowMinutes(),
};
