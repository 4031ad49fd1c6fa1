import { errorsOf, eventsOf, SENSITIVITY_SIGMA, SIGNALS, type Sensitivity, type Signal } from '@sentinellog/shared';
import { LocalClock } from './baseline/local-clock.ts';
import type { EpisodeChange } from './episode.ts';
import type { Expectation } from './expectation.ts';
import { type FrameCounts, RecentSeconds, type WindowSums } from './recent-seconds.ts';
import { SeriesWatch } from './series-watch.ts';
import { StateReader, StateWriter } from './state-codec.ts';

const VERSION = 2;
const MINUTE = 60;
const HOURS_TO_READY = 24;
/** Seconds that may be open at once; older ones are closed or were given up. */
const MOST_OPEN_SECONDS = 16;

export interface WatchSettings {
  readonly sensitivity: Sensitivity;
  /** IANA name of the zone whose wall clock the source lives by. */
  readonly timeZone: string;
}

/** What the baseline rested on when a finding was made: the rest of its receipt. */
export interface Evidence {
  /** Seconds of history. */
  readonly n: number;
  /** Seasonal slot in words. */
  readonly slot: string;
  readonly timeZone: string;
  readonly sensitivity: Sensitivity;
  readonly sigma: number;
}

/** Something happened to the anomaly of one series. */
export type SeriesEvent = EpisodeChange & {
  readonly signal: Signal;
  /** Unix second whose close, or whose running count, brought it about. */
  readonly second: number;
  readonly evidence: Evidence;
};

/** A series' expectation of the current minute, with the half-width of its band in σ. */
export interface ExpectedNow extends Expectation {
  readonly sigma: number;
}

export interface Learnt {
  readonly state: 'learning' | 'ready';
  /** Hours of history, capped at 24. */
  readonly hours: number;
  /** Seconds of history. */
  readonly n: number;
}

/**
 * All series of one source. Feed it every closed second once and in order: counts, or null where nobody was looking. Pure and
 * deterministic: the same seconds give the same events and the same state, to the bit, also across `snapshot` and `restore`.
 */
export class SourceWatch {
  #settings: WatchSettings;
  #clock: LocalClock;
  #recent = new RecentSeconds();
  #series: readonly SeriesWatch[] = SIGNALS.map((signal) => new SeriesWatch(signal));
  /** Running counts of seconds that have not closed; not part of the state, as it is told again. */
  readonly #open = new Map<number, WindowSums>();

  /** @throws RangeError when the zone is unknown */
  constructor(settings: WatchSettings) {
    this.#settings = settings;
    this.#clock = new LocalClock(settings.timeZone);
  }

  /** From the next second on. A new zone gives up the slot under way; what is learnt stays with its wall-clock times. */
  configure(settings: WatchSettings): void {
    if (settings.timeZone !== this.#settings.timeZone) {
      this.#clock = new LocalClock(settings.timeZone);
      for (const series of this.#series) series.forgetSlot();
    }
    this.#settings = settings;
  }

  /** @param second unix second, later than any before; a jump forward is a stretch that nobody looked at */
  observe(second: number, counts: FrameCounts | null): readonly SeriesEvent[] {
    const before = this.#recent.last;
    if (second <= before)
      throw new RangeError(`second ${second} comes after ${before}: closed seconds come once and in order`);
    const minute = Math.floor(second / MINUTE);
    const isNewMinute = minute !== Math.floor(before / MINUTE);
    const skipped = second !== before + 1;
    this.#recent.push(second, counts);
    if (this.#open.size > 0) this.#forgetOpenThrough(second);
    const { sensitivity } = this.#settings;
    const sigma = SENSITIVITY_SIGMA[sensitivity];
    let events = NO_EVENTS;
    for (const series of this.#series) {
      if (skipped) series.interrupt();
      if (isNewMinute)
        events = this.#collect(
          events,
          series,
          second,
          series.beginMinute(minute, this.#clock.wallSecond(minute * MINUTE)),
        );
      events = this.#collect(events, series, second, series.observe(this.#recent, sensitivity, sigma));
    }
    return events;
  }

  /** Counts so far of a second that has not closed. May raise `early`; never learns. */
  peek(second: number, counts: FrameCounts): readonly SeriesEvent[] {
    if (second <= this.#recent.last) return NO_EVENTS;
    if (this.#open.size >= MOST_OPEN_SECONDS && !this.#open.has(second)) return NO_EVENTS;
    this.#open.set(second, { events: eventsOf(counts), errors: errorsOf(counts) });
    const { sensitivity } = this.#settings;
    const running = (seconds: number) => this.#runningSums(second, seconds);
    let events = NO_EVENTS;
    for (const series of this.#series) {
      const change = series.peek(second, running, sensitivity, SENSITIVITY_SIGMA[sensitivity]);
      if (change) events = this.#collect(events, series, second, [change]);
    }
    return events;
  }

  /** What the current minute is scored against; null while there is too little to go by. */
  expected(signal: Signal): ExpectedNow | null {
    const forecast = this.#seriesOf(signal).forecast;
    if (!forecast) return null;
    const { rate, dispersion, relative } = forecast;
    return { rate, dispersion, relative, sigma: SENSITIVITY_SIGMA[this.#settings.sensitivity] };
  }

  /** False when the series has no anomaly that is early or open. */
  hasAnomaly(signal: Signal): boolean {
    return this.#seriesOf(signal).hasAnomaly;
  }

  learnt(): Learnt {
    const n = this.#seriesOf('volume').learntSeconds;
    const hours = Math.min(HOURS_TO_READY, n / 3600);
    return { state: hours < HOURS_TO_READY ? 'learning' : 'ready', hours, n };
  }

  snapshot(): Uint8Array {
    const to = new StateWriter();
    to.number(VERSION);
    this.#recent.write(to);
    for (const series of this.#series) series.write(to);
    return to.finish();
  }

  /** @throws Error when the bytes are damaged or come from a build whose state this one does not read */
  static restore(bytes: Uint8Array, settings: WatchSettings): SourceWatch {
    const from = new StateReader(bytes);
    const version = from.number();
    if (version !== VERSION)
      throw new Error(`detector state version ${version} is not one this build reads (${VERSION})`);
    const watch = new SourceWatch(settings);
    watch.#recent = RecentSeconds.read(from);
    watch.#series = SIGNALS.map((signal) => SeriesWatch.read(from, signal));
    from.end();
    return watch;
  }

  #seriesOf(signal: Signal): SeriesWatch {
    return this.#series[SIGNALS.indexOf(signal)];
  }

  #collect(
    events: readonly SeriesEvent[],
    series: SeriesWatch,
    second: number,
    changes: readonly EpisodeChange[],
  ): readonly SeriesEvent[] {
    if (changes.length === 0) return events;
    const { sensitivity, timeZone } = this.#settings;
    const evidence: Evidence = {
      n: series.forecast?.n ?? 0,
      slot: series.forecast?.slot ?? 'recent',
      timeZone,
      sensitivity,
      sigma: SENSITIVITY_SIGMA[sensitivity],
    };
    return [...events, ...changes.map((change) => ({ ...change, signal: series.signal, second, evidence }))];
  }

  /** The newest seconds up to an open one: closed, open, or (nothing heard) empty. */
  #runningSums(second: number, seconds: number): WindowSums {
    const first = second - seconds + 1;
    const closed = this.#recent.sumsFrom(first);
    let { events, errors } = closed;
    for (const [open, sums] of this.#open) {
      if (open < first || open > second) continue;
      events += sums.events;
      errors += sums.errors;
    }
    return { events, errors };
  }

  #forgetOpenThrough(second: number): void {
    for (const open of this.#open.keys()) if (open <= second) this.#open.delete(open);
  }
}

const NO_EVENTS: readonly SeriesEvent[] = [];
