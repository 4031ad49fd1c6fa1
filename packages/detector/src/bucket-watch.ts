import { SENSITIVITY_SIGMA, type Sensitivity } from '@sentinellog/shared';
import { Baseline } from './baseline/baseline.ts';
import { LocalClock } from './baseline/local-clock.ts';
import type { WindowView } from './detector.ts';
import { SEASONAL_Z_SCORE } from './detectors/seasonal-z-score.ts';
import { Episode, STAY_SHARE } from './episode.ts';
import { countExpected } from './expectation.ts';
import { HORIZONS } from './horizon.ts';
import { countZ } from './stats/count-deviation.ts';
import { deviationScore } from './stats/looks.ts';

/** Ready-made buckets have no seconds within: they are judged by the rules of the longest window. */
const WINDOW_SECONDS = Math.max(...HORIZONS.map(({ seconds }) => seconds));

/** What one bucket came to. */
export interface BucketVerdict {
  /** Signed deviation score; 0 while there is too little to go by. */
  readonly score: number;
  /** The bucket opened an anomaly, or made an open one worth telling again. */
  readonly alerts: boolean;
}

/**
 * A volume series that comes in ready-made buckets of some minutes instead of seconds: history from elsewhere, benchmarks. The same
 * baseline, detector, lifecycle and constants as `SourceWatch`, at one window length.
 */
export class BucketWatch {
  readonly #baseline = new Baseline('volume');
  readonly #episode = new Episode('volume');
  readonly #detector = SEASONAL_Z_SCORE.create();
  readonly #clock: LocalClock;
  readonly #sensitivity: Sensitivity;

  constructor({ sensitivity, timeZone }: { readonly sensitivity: Sensitivity; readonly timeZone: string }) {
    this.#sensitivity = sensitivity;
    this.#clock = new LocalClock(timeZone);
  }

  /**
   * @param second unix second at which the bucket starts; not before the last one
   * @param count of the bucket, ≥ 0; need not be whole
   */
  observe(second: number, count: number): BucketVerdict {
    const forecast = this.#baseline.begin(Math.floor(second / 60), this.#clock.wallSecond(second));
    this.#baseline.add(count, 1);
    let verdict: BucketVerdict = { score: 0, alerts: false };
    const end = second + WINDOW_SECONDS;
    if (forecast && this.#baseline.isUsable) {
      const { mean, variance } = countExpected('volume', forecast, 1);
      const { habit } = forecast;
      const window: WindowView = {
        signal: 'volume',
        end,
        seconds: WINDOW_SECONDS,
        count,
        events: count,
        mean,
        variance,
        habit,
      };
      verdict = this.#judge(window);
      const adopted = this.#episode.finishMinute(end, count, 1, mean);
      this.#baseline.finish(this.#episode.quarantines(end));
      if (adopted) this.#baseline.adopt(adopted.rate);
    } else {
      this.#baseline.finish(false);
    }
    return verdict;
  }

  #judge(window: WindowView): BucketVerdict {
    const sigma = SENSITIVITY_SIGMA[this.#sensitivity];
    const wanted = this.#episode.isOpen ? sigma * STAY_SHARE : sigma;
    const finding = this.#detector.judge(window, { sensitivity: this.#sensitivity, sigma: wanted, early: false });
    const changes = this.#episode.close(window.end - 1, finding, sigma);
    return {
      score: deviationScore(countZ(window.count, window.mean, window.variance), window.seconds),
      alerts: changes.some(({ type }) => type === 'opened' || type === 'worsened'),
    };
  }
}
