import { latencyBucket } from '@sentinellog/shared';
import type { SecondDetails, TemplateCount } from '../second-details.ts';
import type { SeededRandom } from './seeded-random.ts';

/** What a service says and how long it takes when nothing is wrong. */
export interface ServiceSpeech {
  /** Kinds of messages; each is half as frequent again as the next. */
  readonly templates: number;
  /** Median duration; the p99 is some four times as long, and a fifth longer at the busiest hour. */
  readonly medianMs: number;
}

/** Durations that are written in a minute, at most. */
const MOST_DURATIONS = 60;
/** Spread of ln(duration). */
const SPREAD = 0.6;
/** Kinds of messages that a release rewords. */
const REWORDED = 3;
const NEXT = 1.5;
/** Quantiles of a standard Gaussian, to draw from without logarithms. */
const GAUSSIAN_PLACES = 512;
const NOTHING_SAID: SecondDetails = { latency: [], templates: [] };

/** Says in the last second of each minute what its lines were: minutes are all that detectors of messages look at. */
export class Speech {
  readonly #spec: ServiceSpeech;
  readonly #random: SeededRandom;
  readonly #shares: readonly number[];
  readonly #gaussian: Float64Array;
  #release = 0;
  #isFresh = true;

  constructor(spec: ServiceSpeech, random: SeededRandom) {
    this.#spec = spec;
    this.#random = random;
    const weights = Array.from({ length: spec.templates }, (_, at) => NEXT ** -at);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    this.#shares = weights.map((weight) => weight / sum);
    this.#gaussian = Float64Array.from({ length: GAUSSIAN_PLACES }, () => random.normal());
  }

  /** A second in which no minute ends. */
  get nothing(): SecondDetails {
    return NOTHING_SAID;
  }

  /** From here on some messages have other words. */
  release(): void {
    this.#release++;
    this.#isFresh = true;
  }

  /**
   * @param load of the day, 1 on average
   * @param slowdown times the usual duration
   */
  minute(events: number, errors: number, load: number, slowdown: number): SecondDetails {
    const templates = this.#templates(events - errors);
    if (errors > 0) templates.push({ id: idOf(0xe, 0), events: errors, errors, isFresh: false });
    this.#isFresh = false;
    return { latency: this.#durations(events, load, slowdown), templates };
  }

  #templates(events: number): TemplateCount[] {
    const said: TemplateCount[] = [];
    for (const [at, share] of this.#shares.entries()) {
      const mean = events * share;
      const count = mean > 0 ? this.#random.poisson(mean) : 0;
      if (count === 0) continue;
      const isReworded = at > 0 && at <= REWORDED;
      const isFresh = this.#isFresh && (isReworded || this.#release === 0);
      said.push({ id: idOf(at, isReworded ? this.#release : 0), events: count, errors: 0, isFresh });
    }
    return said;
  }

  #durations(events: number, load: number, slowdown: number): SecondDetails['latency'] {
    const durations = Math.min(MOST_DURATIONS, Math.round(events / 2));
    const usual = Math.log(this.#spec.medianMs * slowdown * (0.8 + 0.2 * load));
    const times = new Map<number, number>();
    for (let i = 0; i < durations; i++) {
      const place = Math.floor(this.#random.uniform() * GAUSSIAN_PLACES);
      const bucket = latencyBucket(Math.exp(usual + SPREAD * this.#gaussian[place]));
      times.set(bucket, (times.get(bucket) ?? 0) + 1);
    }
    return [...times].toSorted(([a], [b]) => a - b);
  }
}

function idOf(at: number, release: number): string {
  return `${at.toString(16).padStart(8, '0')}${release.toString(16).padStart(8, '0')}`;
}
