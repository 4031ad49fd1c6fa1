import type { Detector, DetectorKind, Finding, Judgement, WindowView } from '../detector.ts';
import { duration, rounded } from '../reason.ts';
import type { StateReader, StateWriter } from '../state-codec.ts';
import { countZ } from '../stats/count-deviation.ts';
import { deviationScore } from '../stats/looks.ts';

/** Windows of this length are added up while they are empty. */
const WINDOW_SECONDS = 1;
const LEAST_SECONDS = 60;
/** Twenty usual gaps: by chance once in e^20, half a billion looks. */
const LEAST_MISSED = 20;

/** A source that says nothing at all, measured in what it would have said: finds the end of a trickle that no window could. */
class Silence implements Detector {
  readonly name = 'silence';
  #seconds = 0;
  #missed = 0;
  #variance = 0;

  judge(window: WindowView, { sigma, early }: Judgement): Finding | null {
    if (window.seconds !== WINDOW_SECONDS || early) return null;
    if (window.events > 0) {
      this.interrupt();
      return null;
    }
    this.#seconds++;
    this.#missed += window.mean;
    // The proportional part of the noise is one cause for all seconds: it adds up in σ, not in σ².
    this.#variance =
      (Math.sqrt(Math.max(0, this.#variance - this.#missed)) + Math.sqrt(Math.max(0, window.variance - window.mean))) **
        2 +
      this.#missed;
    // Where a habit may empty the slot, its silence is no news.
    if (this.#seconds < LEAST_SECONDS || this.#missed < LEAST_MISSED || window.habit > 0) return null;
    const whole: WindowView = { ...window, seconds: this.#seconds, mean: this.#missed, variance: this.#variance };
    const score = deviationScore(countZ(0, whole.mean, whole.variance), whole.seconds);
    if (-score < sigma) return null;
    const reason = `no line for ${duration(this.#seconds)} where ${rounded(this.#missed)} are normal (${(-score).toFixed(1)}σ below)`;
    return { detector: this.name, direction: 'low', window: whole, score, reason };
  }

  interrupt(): void {
    this.#seconds = 0;
    this.#missed = 0;
    this.#variance = 0;
  }

  write(to: StateWriter): void {
    for (const value of [this.#seconds, this.#missed, this.#variance]) to.number(value);
  }

  read(from: StateReader): void {
    this.#seconds = from.number();
    this.#missed = from.number();
    this.#variance = from.number();
  }
}

export const SILENCE: DetectorKind = {
  name: 'silence',
  signals: ['volume'],
  law: 'count',
  create: () => new Silence(),
};
