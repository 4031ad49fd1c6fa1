import type { Direction } from '@sentinellog/shared';
import type { Detector, DetectorKind, Finding, Judgement, WindowView } from '../detector.ts';
import { type Horizon, HORIZONS, LEAST_ERROR_SHARE_RISE } from '../horizon.ts';
import { deviationInWords } from '../reason.ts';
import type { StateReader, StateWriter } from '../state-codec.ts';
import { countZ } from '../stats/count-deviation.ts';
import { deviationScore } from '../stats/looks.ts';

/** A rise twice as far out as asked for needs no second window, and is certain before its second has closed. */
const CERTAIN = 2;

/** By window length; −1: none of ours. */
const PLACE = new Int8Array(Math.max(...HORIZONS.map(({ seconds }) => seconds)) + 1).fill(-1);
for (const [at, { seconds }] of HORIZONS.entries()) PLACE[seconds] = at;

/**
 * A window's count against the seasonal baseline, as a z that takes counts for counts, at every window length
 * (horizon.ts). Fires when the score reaches the sensitivity, the change is large enough to matter, and, where a length asks for it,
 * so many windows in a row agree.
 */
class SeasonalZScore implements Detector {
  readonly name = 'seasonal_z_score';
  /** Windows in a row that were outside, signed: rises count up, drops count down. One per horizon. */
  readonly #runs = new Int8Array(HORIZONS.length);

  judge(window: WindowView, how: Judgement): Finding | null {
    const at = PLACE[window.seconds] ?? -1;
    if (at < 0) return null;
    const horizon = HORIZONS[at];
    const direction = directionOf(window, horizon);
    const score = direction ? deviationScore(countZ(window.count, window.mean, window.variance), window.seconds) : 0;
    const outside = direction !== null && Math.abs(score) >= how.sigma;
    const certain = outside && direction === 'high' && score >= CERTAIN * how.sigma;
    if (how.early) return certain ? this.#finding(window, direction, score) : null;
    if (!outside) {
      this.#runs[at] = 0;
      return null;
    }
    const inARow = this.#extendRun(at, direction);
    const needed = direction === 'high' ? horizon.riseRun : horizon.dropRun;
    return inARow >= needed || certain ? this.#finding(window, direction, score) : null;
  }

  interrupt(): void {
    this.#runs.fill(0);
  }

  #extendRun(at: number, direction: Direction): number {
    const before = this.#runs[at];
    const step = direction === 'high' ? 1 : -1;
    // A run that turns round starts over. 100 is more than any horizon asks for, and fits a byte.
    this.#runs[at] = before * step > 0 ? Math.max(-100, Math.min(100, before + step)) : step;
    return Math.abs(this.#runs[at]);
  }

  #finding(window: WindowView, direction: Direction, score: number): Finding {
    return { detector: this.name, direction, window, score, reason: deviationInWords(window, score) };
  }

  write(to: StateWriter): void {
    to.bytes(Uint8Array.from(this.#runs, (run) => run + 128));
  }

  read(from: StateReader): void {
    this.#runs.set(Array.from(from.bytes(this.#runs.length), (byte) => byte - 128));
  }
}

/** Which way a window is off by enough to matter; null when it is not. Cheap: nearly every window ends here. */
function directionOf({ signal, count, events, mean, habit }: WindowView, horizon: Horizon): Direction | null {
  const change = horizon.least[signal];
  if (change === null) return null;
  const { count: least, rise, drop } = change;
  if (count > mean) {
    if (count - mean < least || count < rise * mean) return null;
    if (signal === 'error_rate' && count - mean < LEAST_ERROR_SHARE_RISE * events) return null;
    return habit > 0 && count < mean * Math.exp(habit) ? null : 'high';
  }
  if (drop === null || mean - count < least || count > drop * mean) return null;
  // Only a habit known to take away this much excuses a drop; none excuses nothing at all.
  return habit > 0 && count > mean * Math.exp(-habit) ? null : 'low';
}

export const SEASONAL_Z_SCORE: DetectorKind = {
  name: 'seasonal_z_score',
  signals: ['volume', 'error_rate'],
  law: 'count',
  create: () => new SeasonalZScore(),
};
