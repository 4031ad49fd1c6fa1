import {
  EMPTY_COUNTS,
  eventsOf,
  FRAME_COLUMNS,
  type FrameColumn,
  LatencySketch,
  type SeriesName,
  type Signal,
} from '@sentinellog/shared';
import type { Finding } from './detector.ts';
import { SlowMinutes } from './detectors/slow-minutes.ts';
import { Episode, type EpisodeChange } from './episode.ts';
import type { MeasuredMinute, MinuteDetector, MinuteView, TemplateMinute } from './minute-detector.ts';
import type { FrameCounts } from './recent-seconds.ts';
import { MINUTE_DETECTORS } from './registry.ts';
import type { SecondDetails } from './second-details.ts';
import type { StateReader, StateWriter } from './state-codec.ts';

const MINUTE = 60;
/** Anomalies of one source that may be open or quiet at a time; more say nothing that these do not. */
const MOST_EPISODES = 32;
/** A new level of these is news for as long as one of the errors is. */
const PATIENT: Signal = 'error_rate';

export interface SeriesChange {
  readonly series: SeriesName;
  readonly change: EpisodeChange;
}

/** The series of one source that are measured in whole minutes: adds up its seconds, asks the detectors, keeps their anomalies. */
export class MinuteWatch {
  readonly #detectors: readonly MinuteDetector[] = MINUTE_DETECTORS.map((kind) => kind.create());
  readonly #episodes = new Map<SeriesName, { readonly by: MinuteDetector; readonly episode: Episode }>();
  #seconds = 0;
  /** False: lines came without what they said, as from history that holds counts only. */
  #isKnown = true;
  #counts: Record<FrameColumn, number> = { ...EMPTY_COUNTS };
  readonly #latency = new LatencySketch();
  readonly #templates = new Map<string, TemplateMinute>();

  add(counts: FrameCounts, details: SecondDetails | null): void {
    this.#seconds++;
    this.#addCounts(counts);
    if (details === null) {
      this.#isKnown &&= eventsOf(counts) === 0;
      return;
    }
    for (const [bucket, times] of details.latency) this.#latency.add(bucket, times);
    for (const { id, events, errors, isFresh } of details.templates) {
      const known = this.#templates.get(id);
      if (known === undefined) this.#templates.set(id, { events, errors, isFresh });
      else {
        known.events += events;
        known.errors += errors;
        known.isFresh ||= isFresh;
      }
    }
  }

  /** Column by column: a loop over their names costs four times as much, once a second for every source. */
  #addCounts({ debug, info, warn, error, fatal, other, bytes }: FrameCounts): void {
    const sums = this.#counts;
    sums.debug += debug;
    sums.info += info;
    sums.warn += warn;
    sums.error += error;
    sums.fatal += fatal;
    sums.other += other;
    sums.bytes += bytes;
  }

  /** The minute before `end` is over; one that was seen only in part is no minute. */
  finish(end: number, wallEnd: number, sigma: number): readonly SeriesChange[] {
    const isWhole = this.#seconds === MINUTE && this.#isKnown;
    const view: MinuteView = {
      end,
      wallEnd,
      counts: this.#counts,
      latency: this.#latency,
      templates: this.#templates,
    };
    const changes = isWhole ? this.#detectors.flatMap((detector) => this.#ask(detector, view, sigma)) : [];
    if (!isWhole) this.interrupt();
    this.#reset();
    return changes;
  }

  /** The p99 of durations of the newest minute that had enough of them. */
  get latency(): MeasuredMinute | null {
    return this.#detectors.find((detector) => detector instanceof SlowMinutes)?.measured ?? null;
  }

  interrupt(): void {
    for (const detector of this.#detectors) detector.interrupt();
  }

  hasAnomaly(series: SeriesName): boolean {
    return this.#episodes.get(series)?.episode.isOpen ?? false;
  }

  forgetAnomalies(): void {
    this.#episodes.clear();
  }

  setBack(): void {
    this.forgetAnomalies();
    this.interrupt();
    this.#reset();
  }

  #ask(detector: MinuteDetector, view: MinuteView, sigma: number): readonly SeriesChange[] {
    const findings = new Map<SeriesName, Finding>();
    for (const finding of detector.judge(view, sigma)) findings.set(finding.window.signal, finding);
    if (view.end % detector.seconds !== 0) return [];
    const changes: SeriesChange[] = [];
    const second = view.end - 1;
    for (const [series, { by, episode }] of this.#episodes) {
      if (by !== detector) continue;
      const finding = findings.get(series) ?? null;
      findings.delete(series);
      for (const change of episode.close(second, finding, sigma)) changes.push({ series, change });
      if (!episode.isOpen && !episode.isQuiet(second)) this.#episodes.delete(series);
    }
    for (const [series, finding] of findings) {
      if (this.#episodes.size >= MOST_EPISODES) break;
      const episode = new Episode(PATIENT);
      this.#episodes.set(series, { by: detector, episode });
      for (const change of episode.close(second, finding, sigma)) changes.push({ series, change });
    }
    return changes;
  }

  #reset(): void {
    this.#seconds = 0;
    this.#isKnown = true;
    if (this.#latency.count > 0) this.#latency.clear();
    this.#templates.clear();
    for (const column of FRAME_COLUMNS) this.#counts[column] = 0;
  }

  write(to: StateWriter): void {
    to.number(this.#isKnown ? this.#seconds : -this.#seconds);
    for (const column of FRAME_COLUMNS) to.number(this.#counts[column]);
    const buckets = this.#latency.entries();
    to.number(buckets.length);
    for (const pair of buckets) for (const value of pair) to.number(value);
    to.number(this.#templates.size);
    for (const [id, { events, errors, isFresh }] of this.#templates) {
      to.text(id);
      for (const value of [events, errors, isFresh ? 1 : 0]) to.number(value);
    }
    to.number(this.#detectors.length);
    for (const detector of this.#detectors) {
      to.text(detector.name);
      detector.write(to);
    }
    to.number(this.#episodes.size);
    for (const [series, { by, episode }] of this.#episodes) {
      to.text(series);
      to.text(by.name);
      episode.write(to);
    }
  }

  /** @param isSeries whether a name is one of a series: what was written is not believed blindly */
  static read(from: StateReader, isSeries: (name: string) => name is SeriesName): MinuteWatch {
    const watch = new MinuteWatch();
    const seconds = from.number();
    watch.#seconds = Math.abs(seconds);
    watch.#isKnown = seconds >= 0;
    for (const column of FRAME_COLUMNS) watch.#counts[column] = from.number();
    for (let left = from.number(); left > 0; left--) {
      const bucket = from.number();
      watch.#latency.add(bucket, from.number());
    }
    for (let left = from.number(); left > 0; left--) {
      const id = from.text();
      const [events, errors] = [from.number(), from.number()];
      watch.#templates.set(id, { events, errors, isFresh: from.number() === 1 });
    }
    const written = from.number();
    if (written !== watch.#detectors.length)
      throw new Error(
        `detector state holds ${written} detectors of minutes, this build has ${watch.#detectors.length}`,
      );
    for (const detector of watch.#detectors) {
      const name = from.text();
      if (name !== detector.name) throw new Error(`detector state holds ${name} where this build has ${detector.name}`);
      detector.read(from);
    }
    for (let left = from.number(); left > 0; left--) {
      const series = from.text();
      const name = from.text();
      const by = watch.#detectors.find((detector) => detector.name === name);
      if (by === undefined || !isSeries(series)) throw new Error(`detector state is damaged: ${name} has no ${series}`);
      watch.#episodes.set(series, { by, episode: Episode.read(from, PATIENT) });
    }
    return watch;
  }
}
