import {
  errorsOf,
  eventsOf,
  isSignal,
  type Sensitivity,
  type SeriesName,
  SeriesNameSchema,
  SIGNALS,
  type Signal,
  sigmaOf,
} from '@sentinellog/shared';
import { LocalClock } from './baseline/local-clock.ts';
import { RuledSlots, type Ruling } from './baseline/ruling.ts';
import type { PastBucket, SeasonalStep } from './baseline/season.ts';
import { SLOT_SECONDS } from './baseline/slots.ts';
import type { EpisodeChange } from './episode.ts';
import type { Expectation } from './expectation.ts';
import type { MeasuredMinute } from './minute-detector.ts';
import { MinuteWatch } from './minute-watch.ts';
import type { Onset } from './onset.ts';
import { type FrameCounts, RecentSeconds, type WindowSums } from './recent-seconds.ts';
import type { SecondDetails } from './second-details.ts';
import { SeriesWatch } from './series-watch.ts';
import { StateReader, StateWriter } from './state-codec.ts';

const VERSION = 5;
const MINUTE = 60;
const HOURS_TO_READY = 24;
/** Seconds that may be open at once; older ones are closed or were given up. */
const MOST_OPEN_SECONDS = 16;

export interface WatchSettings {
  readonly sensitivity: Sensitivity;
  /** Any other number of σ, instead of that of the sensitivity. */
  readonly sigma?: number | null;
  /** IANA name of the zone whose wall clock the source lives by. */
  readonly timeZone: string;
  /** What people have said about stretches of the past: verdicts, struck-out days, holidays. No part of the state. */
  readonly rulings?: readonly Ruling[];
}

/** What the baseline rested on when a finding was made: the rest of its receipt. */
export interface Evidence {
  /** Seconds of history. */
  readonly n: number;
  /** Seasonal slot in words. */
  readonly slot: string;
  readonly timeZone: string;
  readonly sensitivity: Sensitivity | 'custom';
  readonly sigma: number;
  /** Stretches that people have taken out of what was learnt, in unix seconds; the newest 32. */
  readonly excluded: readonly { readonly from: number; readonly to: number }[];
}

/** Something happened to the anomaly of one series. */
export type SeriesEvent = EpisodeChange & {
  readonly signal: SeriesName;
  /** Unix second whose close, or whose running count, brought it about. */
  readonly second: number;
  readonly evidence: Evidence;
  /** When what was found began, where the seconds before tell; of a count that is still running nobody asks. */
  readonly onset?: Onset | null;
};

/** What the step into a slot rests on, in unix time. */
export interface ExplainedSlot extends Omit<SeasonalStep, 'buckets'> {
  /** Unix second at which the slot begins. */
  readonly start: number;
  readonly seconds: number;
  readonly buckets: readonly (Omit<PastBucket, 'wallSlot'> & { readonly start: number })[];
}

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
  #minutes = new MinuteWatch();
  /** Running counts of seconds that have not closed; not part of the state, as it is told again. */
  readonly #open = new Map<number, WindowSums>();

  /** @throws RangeError when the zone is unknown */
  constructor(settings: WatchSettings) {
    this.#settings = settings;
    this.#clock = LocalClock.of(settings.timeZone);
    this.#rule();
  }

  /** From the next second on. A new zone gives up the slot under way; what is learnt stays with its wall-clock times. */
  configure(settings: WatchSettings): void {
    if (settings.timeZone !== this.#settings.timeZone) {
      this.#clock = LocalClock.of(settings.timeZone);
      for (const series of this.#series) series.forgetSlot();
    }
    this.#settings = settings;
    this.#rule();
  }

  /**
   * @param second unix second, later than any before; a jump forward is a stretch that nobody looked at
   * @param details what was said and how long it took, where that is known
   */
  observe(second: number, counts: FrameCounts | null, details: SecondDetails | null = null): readonly SeriesEvent[] {
    const before = this.#recent.last;
    if (second <= before)
      throw new RangeError(`second ${second} comes after ${before}: closed seconds come once and in order`);
    const minute = Math.floor(second / MINUTE);
    const isNewMinute = minute !== Math.floor(before / MINUTE);
    const skipped = second !== before + 1;
    this.#recent.push(second, counts);
    if (this.#open.size > 0) this.#forgetOpenThrough(second);
    const sigma = sigmaOf(this.#settings);
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
      events = this.#collect(events, series, second, series.observe(this.#recent, sigma));
    }
    if (isNewMinute && !Number.isNaN(before)) events = this.#finishMinute(events, second, before, sigma);
    if (counts) this.#minutes.add(counts, details);
    return events;
  }

  /** Counts so far of a second that has not closed. May raise `early`; never learns. */
  peek(second: number, counts: FrameCounts): readonly SeriesEvent[] {
    if (second <= this.#recent.last) return NO_EVENTS;
    if (this.#open.size >= MOST_OPEN_SECONDS && !this.#open.has(second)) return NO_EVENTS;
    this.#open.set(second, { events: eventsOf(counts), errors: errorsOf(counts) });
    const sigma = sigmaOf(this.#settings);
    const running = (seconds: number) => this.#runningSums(second, seconds);
    let events = NO_EVENTS;
    for (const series of this.#series) {
      const change = series.peek(second, running, sigma);
      if (change) events = this.#collect(events, series, second, [change]);
    }
    return events;
  }

  /** What the current minute is scored against; null while there is too little to go by. */
  expected(signal: Signal): ExpectedNow | null {
    const forecast = this.#seriesOf(signal).forecast;
    if (!forecast) return null;
    const { rate, dispersion, relative } = forecast;
    return { rate, dispersion, relative, sigma: sigmaOf(this.#settings) };
  }

  /** The p99 of durations, in ms, of the newest minute that had enough of them, with σ of its band; null: none yet. */
  latency(): (MeasuredMinute & { readonly sigma: number }) | null {
    const measured = this.#minutes.latency;
    return measured && { ...measured, sigma: sigmaOf(this.#settings) };
  }

  /** Which past buckets the expectation at an instant rests on: "show me the Mondays". */
  explain(signal: Signal, second: number): ExplainedSlot {
    const wallSlot = Math.floor(this.#clock.wallSecond(second) / SLOT_SECONDS);
    const { step, trust, buckets } = this.#seriesOf(signal).explain(wallSlot);
    const unix = (slot: number) => this.#clock.unixSecond(slot * SLOT_SECONDS);
    return {
      start: unix(wallSlot),
      seconds: SLOT_SECONDS,
      step,
      trust,
      buckets: buckets.map(({ wallSlot: at, ...bucket }) => ({ ...bucket, start: unix(at) })),
    };
  }

  /** The newest second that was observed; NaN before the first. */
  get lastSecond(): number {
    return this.#recent.last;
  }

  /** The clock was set back: the next second may come before the last one. What is learnt stays; what is open is forgotten. */
  setBack(): void {
    this.#recent = new RecentSeconds();
    this.#open.clear();
    for (const series of this.#series) series.setBack();
    this.#minutes.setBack();
  }

  /** Whoever kept the anomalies has ended them: nothing is open, and nothing is quiet because of them. */
  forgetAnomalies(): void {
    for (const series of this.#series) series.forgetAnomaly();
    this.#minutes.forgetAnomalies();
  }

  /** False when the series has no anomaly that is early or open. */
  hasAnomaly(series: SeriesName): boolean {
    return isSignal(series) ? this.#seriesOf(series).hasAnomaly : this.#minutes.hasAnomaly(series);
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
    this.#minutes.write(to);
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
    watch.#minutes = MinuteWatch.read(from, isSeriesName);
    from.end();
    watch.#rule();
    return watch;
  }

  #rule(): void {
    const { rulings = [] } = this.#settings;
    for (const series of this.#series)
      series.rule(rulings.length === 0 ? null : new RuledSlots(rulings, series.signal, this.#clock));
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
    const evidence = this.#evidenceOf(series.signal, series.forecast?.n ?? 0, series.forecast?.slot ?? 'recent');
    const onsetOf = (change: EpisodeChange) =>
      change.type === 'opened' || change.type === 'confirmed' || change.type === 'worsened'
        ? { onset: series.onset(this.#recent, change.finding) }
        : {};
    return [
      ...events,
      ...changes.map((change) => ({ ...change, signal: series.signal, second, evidence, ...onsetOf(change) })),
    ];
  }

  /** The minute that `before` was in is over. */
  #finishMinute(events: readonly SeriesEvent[], second: number, before: number, sigma: number): readonly SeriesEvent[] {
    const end = (Math.floor(before / MINUTE) + 1) * MINUTE;
    const changes = this.#minutes.finish(end, this.#clock.wallSecond(end), sigma);
    if (changes.length === 0) return events;
    const n = this.#seriesOf('volume').learntSeconds;
    return [
      ...events,
      ...changes.map(({ series, change }) => {
        return { ...change, signal: series, second, evidence: this.#evidenceOf(series, n, 'recent') };
      }),
    ];
  }

  #evidenceOf(series: SeriesName, n: number, slot: string): Evidence {
    const { sensitivity, sigma, timeZone, rulings = [] } = this.#settings;
    return {
      n,
      slot,
      timeZone,
      sensitivity: sigma === undefined || sigma === null ? sensitivity : 'custom',
      sigma: sigmaOf(this.#settings),
      excluded: rulings
        .filter(
          ({ rule, signal, to }) => rule === 'exclude' && Number.isFinite(to) && (signal === null || signal === series),
        )
        .map(({ from, to }) => ({ from, to }))
        .toSorted((a, b) => b.from - a.from)
        .slice(0, MOST_EXCLUDED),
    };
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

function isSeriesName(name: string): name is SeriesName {
  return SeriesNameSchema.safeParse(name).success;
}

/** Of a receipt; more says nothing to a person. */
const MOST_EXCLUDED = 32;
const NO_EVENTS: readonly SeriesEvent[] = [];
