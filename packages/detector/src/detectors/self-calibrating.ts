import type { Direction } from '@sentinellog/shared';
import type { Detector, DetectorKind, Finding, Judgement, WindowView } from '../detector.ts';
import { deviationInWords } from '../reason.ts';
import type { StateReader, StateWriter } from '../state-codec.ts';
import { requiredZ } from '../stats/looks.ts';
import { ValueWatch } from '../values/value-watch.ts';

/** Its buckets are the longest windows, end to end. */
const BUCKET_SECONDS = 300;

/** A bucket that was told, for as long as the buckets after it stay outside. */
interface Standing {
  readonly direction: Direction;
  readonly expected: number;
  readonly score: number;
}

/**
 * Five minutes at a time, against what is rare for this very series (values/): finds what no law of counts describes. It keeps
 * its own levels and seasons, is not told of incidents, and rests for hours after it has spoken.
 */
class SelfCalibrating implements Detector {
  readonly name = 'self_calibrating';
  readonly #watch = new ValueWatch({ bucketSeconds: BUCKET_SECONDS, counts: true });
  #standing: Standing | null = null;

  judge(window: WindowView, how: Judgement): Finding | null {
    if (how.early || window.seconds !== BUCKET_SECONDS) return null;
    if (window.end % BUCKET_SECONDS === 0) this.#closeBucket(window, how);
    return this.#standing && findingOf(window, this.#standing);
  }

  #closeBucket({ wallEnd, count }: WindowView, { setTo, sigma }: Judgement): void {
    const verdict = this.#watch.observe(wallEnd - BUCKET_SECONDS, count, setTo);
    const staysOutside = this.#standing?.direction === verdict.direction && verdict.score >= sigma;
    this.#standing = verdict.alerts || staysOutside ? verdict : null;
  }

  interrupt(): void {
    this.#standing = null;
  }

  write(to: StateWriter): void {
    this.#watch.write(to);
    const { direction, expected, score } = this.#standing ?? NONE;
    for (const value of [direction === 'high' ? 1 : 0, expected, score]) to.number(value);
  }

  read(from: StateReader): void {
    this.#watch.read(from);
    const direction = from.number() === 1 ? 'high' : 'low';
    const standing: Standing = { direction, expected: from.number(), score: from.number() };
    this.#standing = standing.score > 0 ? standing : null;
  }
}

const NONE: Standing = { direction: 'high', expected: 0, score: 0 };

/** With the σ that makes a plain z of the score: calibrated, not assumed. */
function findingOf(window: WindowView, { direction, expected, score: size }: Standing): Finding | null {
  const off = window.count - expected;
  if (direction === 'high' ? off <= 0 : off >= 0) return null;
  const stddev = Math.abs(off) / requiredZ(size, window.seconds);
  const judged: WindowView = { ...window, mean: expected, variance: stddev ** 2 };
  const score = direction === 'high' ? size : -size;
  return { detector: SELF_CALIBRATING.name, direction, window: judged, score, reason: deviationInWords(judged, score) };
}

export const SELF_CALIBRATING: DetectorKind = {
  name: 'self_calibrating',
  signals: ['volume'],
  law: 'plain',
  create: () => new SelfCalibrating(),
};
