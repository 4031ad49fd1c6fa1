import type { Signal } from '@sentinellog/shared';
import { Baseline, type MinuteForecast } from './baseline/baseline.ts';
import type { RuledSlots } from './baseline/ruling.ts';
import type { SeasonalStep } from './baseline/season.ts';
import type { Detector, DetectorKind, Finding, Judgement, WindowView } from './detector.ts';
import { Episode, type EpisodeChange, STAY_SHARE } from './episode.ts';
import { countExpected, type Expectation } from './expectation.ts';
import { HORIZONS } from './horizon.ts';
import { type Onset, onsetAmong } from './onset.ts';
import { PastPieces, type Piece } from './past-pieces.ts';
import type { RecentSeconds, WindowSums } from './recent-seconds.ts';
import { DETECTORS } from './registry.ts';
import type { StateReader, StateWriter } from './state-codec.ts';

const MINUTE = 60;
const FIVE_MINUTES = 300;
const HOUR = 3600;
const LOOKS_AT_HOURS: Readonly<Record<Signal, boolean>> = {
  volume: HORIZONS.some(({ seconds, least }) => seconds === HOUR && least.volume !== null),
  error_rate: HORIZONS.some(({ seconds, least }) => seconds === HOUR && least.error_rate !== null),
};
/** Window lengths that a running second is looked at in. */
const EARLY_SECONDS: readonly number[] = [1, 5];

/** One window for all looks, written anew for each: only those that are kept are worth an object (`#kept`). */
const LOOK: { -readonly [Field in keyof WindowView]: WindowView[Field] } = {
  signal: 'volume',
  end: 0,
  wallEnd: 0,
  seconds: 1,
  count: 0,
  events: 0,
  mean: 0.5,
  variance: 0.5,
  habit: 0.5,
};

/** One source × one signal: its baseline, the detectors that look at it, and its one anomaly. Scores, then learns. */
export class SeriesWatch {
  readonly signal: Signal;
  #baseline: Baseline;
  #episode: Episode;
  readonly #minutes = new PastPieces(FIVE_MINUTES / MINUTE - 1, 'one cause');
  /** Where the hour is looked at (horizon.ts). */
  readonly #fives: PastPieces | null;
  readonly #detectors: readonly Detector[];
  #minute = Number.NaN;
  /** By how much the wall clock is ahead of UTC. */
  #wallOffset = 0;
  #forecast: MinuteForecast | null = null;
  #forecastBefore: MinuteForecast | null = null;

  constructor(signal: Signal, kinds: readonly DetectorKind[] = DETECTORS) {
    this.signal = signal;
    this.#baseline = new Baseline(signal);
    this.#episode = new Episode(signal);
    this.#fives = LOOKS_AT_HOURS[signal] ? new PastPieces(HOUR / FIVE_MINUTES - 1, 'many causes') : null;
    this.#detectors = kinds.filter(({ signals }) => signals.includes(signal)).map((kind) => kind.create());
  }

  /** What this minute is scored against; null until there is enough to go by. */
  get forecast(): MinuteForecast | null {
    return this.#baseline.isUsable ? this.#forecast : null;
  }

  get hasAnomaly(): boolean {
    return this.#episode.isOpen;
  }

  get learntSeconds(): number {
    return this.#baseline.learntSeconds;
  }

  /** Learns the minute that is over, and forecasts the next. Call before its first second. */
  beginMinute(minute: number, wallSecond: number): readonly EpisodeChange[] {
    const changes = this.#finishMinute();
    this.#forecastBefore = minute === this.#minute + 1 ? this.#forecast : null;
    this.#forecast = this.#baseline.begin(minute, wallSecond);
    this.#minute = minute;
    this.#wallOffset = wallSecond - minute * MINUTE;
    return changes;
  }

  /** The newest second of `recent` has closed. */
  observe(recent: RecentSeconds, sigma: number): readonly EpisodeChange[] {
    const second = recent.last;
    if (recent.seenInARow === 0) {
      this.interrupt();
      return NO_CHANGES;
    }
    const events = recent.events(1);
    this.#baseline.add(countIn(this.signal, events, recent.errors(1)), exposureIn(this.signal, 1, events));
    if (!this.forecast) return NO_CHANGES;
    const wanted = this.#episode.isOpen ? sigma * STAY_SHARE : sigma;
    const worst = this.#worst(recent, { setTo: sigma, sigma: wanted, early: false });
    return this.#episode.close(second, worst, sigma);
  }

  /** A second that is still open: may raise an early anomaly, never learns. `running` sums the newest seconds, open ones included. */
  peek(second: number, running: (seconds: number) => WindowSums, sigma: number): EpisodeChange | null {
    // The forecast is this minute's: the first seconds of the next are close enough for what must be far outside anyway.
    if (!this.forecast || this.#episode.isOpen) return null;
    const how: Judgement = { setTo: sigma, sigma, early: true };
    for (const seconds of EARLY_SECONDS) {
      const { events, errors } = running(seconds);
      this.#lookAt(
        second + 1,
        seconds,
        events,
        errors,
        this.forecast,
        exposureIn(this.signal, seconds, events),
        null,
        0,
      );
      for (const detector of this.#detectors) {
        const finding = detector.judge(LOOK, how);
        if (finding) return this.#episode.peek(kept(finding), second);
      }
    }
    return null;
  }

  /** When what was found began; null where the newest minute does not tell. */
  onset(recent: RecentSeconds, { direction }: Finding): Onset | null {
    const now = this.#forecast;
    if (!now) return null;
    const compared = Array.from(recent.seen(), ({ second, events, errors }) => {
      const { rate } = second < this.#minute * MINUTE ? (this.#forecastBefore ?? now) : now;
      return { count: countIn(this.signal, events, errors), mean: rate * exposureIn(this.signal, 1, events) };
    });
    return onsetAmong(compared, recent.last, direction, now.dispersion);
  }

  /** Seconds are missing: what was counted in a row starts over. */
  interrupt(): void {
    for (const detector of this.#detectors) detector.interrupt();
  }

  /** Time starts over from an earlier second. */
  setBack(): void {
    this.forgetAnomaly();
    this.interrupt();
    this.#baseline.setBack();
    this.#minute = Number.NaN;
    this.#forecast = null;
    this.#forecastBefore = null;
  }

  forgetAnomaly(): void {
    this.#episode = new Episode(this.signal);
  }

  /** What people have said about stretches of the past. */
  rule(ruled: RuledSlots | null): void {
    this.#baseline.rule(ruled);
  }

  /** Why the rate moves on entering a slot of wall time. */
  explain(wallSlot: number): SeasonalStep {
    return this.#baseline.explain(wallSlot);
  }

  /** The wall clock of the source was set differently. */
  forgetSlot(): void {
    this.#baseline.forgetSlot();
  }

  #worst(recent: RecentSeconds, how: Judgement): Finding | null {
    const end = recent.last + 1;
    let worst: Finding | null = null;
    for (const { seconds, every, least } of HORIZONS) {
      if (end % every !== 0 || least[this.signal] === null || !this.#lookBack(recent, end, seconds)) continue;
      for (const detector of this.#detectors) {
        const finding = detector.judge(LOOK, how);
        if (finding && (!worst || Math.abs(finding.score) > Math.abs(worst.score))) worst = kept(finding);
      }
    }
    return worst;
  }

  /** Writes the window that has just closed to `LOOK`; false when it was not seen whole. */
  #lookBack(recent: RecentSeconds, end: number, seconds: number): boolean {
    if (seconds >= FIVE_MINUTES) return this.#lookAtPieces(end, seconds);
    const now = this.#forecast;
    if (recent.seenInARow < seconds || !now) return false;
    const events = recent.events(seconds);
    const exposure = exposureIn(this.signal, seconds, events);
    const isWithin = end - this.#minute * MINUTE >= seconds;
    // Split at the start of the minute: each part is scored against its own forecast.
    const exposureNow = isWithin ? exposure : this.#baseline.minute.exposure;
    const before = isWithin ? null : this.#forecastBefore;
    this.#lookAt(end, seconds, events, recent.errors(seconds), now, exposureNow, before, exposure - exposureNow);
    return true;
  }

  #lookAt(
    end: number,
    seconds: number,
    events: number,
    errors: number,
    now: MinuteForecast,
    exposureNow: number,
    before: MinuteForecast | null,
    exposureBefore: number,
  ): void {
    // Written out, as it runs for every window of every second: see `splitVariance` for the formula.
    const past = before ?? now;
    const meanNow = now.rate * exposureNow;
    const meanPast = past.rate * exposureBefore;
    const scatter =
      now.dispersion * meanNow * spread(this.signal, now) + past.dispersion * meanPast * spread(this.signal, past);
    const proportional = now.relative * meanNow + past.relative * meanPast;
    LOOK.signal = this.signal;
    LOOK.end = end;
    LOOK.wallEnd = end + this.#wallOffset;
    LOOK.seconds = seconds;
    LOOK.count = countIn(this.signal, events, errors);
    LOOK.events = events;
    LOOK.mean = Math.max(LEAST_MEAN, meanNow + meanPast);
    LOOK.variance = Math.max(LEAST_MEAN, scatter + proportional * proportional);
    LOOK.habit = exposureBefore > 0 ? Math.max(now.habit, past.habit) : now.habit;
  }

  #lookAtPieces(end: number, seconds: number): boolean {
    const whole = seconds === HOUR ? this.#hour(end) : this.#fiveMinutes();
    if (!whole) return false;
    const { count, events, mean, scatter, proportional, habit } = whole;
    LOOK.signal = this.signal;
    LOOK.end = end;
    LOOK.wallEnd = end + this.#wallOffset;
    LOOK.seconds = seconds;
    LOOK.count = count;
    LOOK.events = events;
    LOOK.mean = Math.max(LEAST_MEAN, mean);
    LOOK.variance = Math.max(LEAST_MEAN, scatter + proportional ** 2);
    LOOK.habit = habit;
    return true;
  }

  #fiveMinutes(): Piece | null {
    const finished = this.#minuteSoFar();
    return finished && this.#minutes.withPast(finished);
  }

  #hour(end: number): Piece | null {
    const five = this.#fiveMinutes();
    return five && (this.#fives?.withPast({ ...five, at: end / FIVE_MINUTES - 1 }) ?? null);
  }

  /** The current minute, once all of its sixty seconds were seen. */
  #minuteSoFar(): Piece | null {
    const { count, exposure, secondsSeen } = this.#baseline.minute;
    if (secondsSeen < MINUTE || !this.#forecast) return null;
    const expected = splitVariance(this.signal, this.#forecast, exposure);
    const events = this.signal === 'volume' ? count : exposure;
    return { at: this.#minute, count, events, habit: this.#forecast.habit, ...expected };
  }

  #finishMinute(): readonly EpisodeChange[] {
    if (Number.isNaN(this.#minute)) return NO_CHANGES;
    const end = (this.#minute + 1) * MINUTE;
    if (this.#fives && end % FIVE_MINUTES === 0) {
      const five = this.#fiveMinutes();
      if (five) this.#fives.push({ ...five, at: end / FIVE_MINUTES - 1 });
    }
    const finished = this.#minuteSoFar();
    if (finished) this.#minutes.push(finished);
    const { count, exposure } = this.#baseline.minute;
    const adopted = this.#forecast && this.#episode.finishMinute(end, count, exposure, this.#forecast.rate * exposure);
    this.#baseline.finish(this.#episode.quarantines(end));
    if (!adopted) return NO_CHANGES;
    this.#baseline.adopt(adopted.rate);
    return [adopted.change];
  }

  write(to: StateWriter): void {
    this.#baseline.write(to);
    this.#episode.write(to);
    this.#minutes.write(to);
    this.#fives?.write(to);
    to.number(this.#minute);
    to.number(this.#wallOffset);
    writeForecast(to, this.#forecast);
    writeForecast(to, this.#forecastBefore);
    to.number(this.#detectors.length);
    for (const detector of this.#detectors) {
      to.text(detector.name);
      detector.write(to);
    }
  }

  static read(from: StateReader, signal: Signal): SeriesWatch {
    const watch = new SeriesWatch(signal);
    watch.#baseline = Baseline.read(from, signal);
    watch.#episode = Episode.read(from, signal);
    watch.#minutes.read(from);
    watch.#fives?.read(from);
    watch.#minute = from.number();
    watch.#wallOffset = from.number();
    watch.#forecast = readForecast(from);
    watch.#forecastBefore = readForecast(from);
    const written = from.number();
    if (written !== watch.#detectors.length) {
      throw new Error(
        `detector state holds ${written} detectors for ${signal}, this build has ${watch.#detectors.length}`,
      );
    }
    for (const detector of watch.#detectors) {
      const name = from.text();
      if (name !== detector.name) throw new Error(`detector state holds ${name} where this build has ${detector.name}`);
      detector.read(from);
    }
    return watch;
  }
}

function countIn(signal: Signal, events: number, errors: number): number {
  return signal === 'volume' ? events : errors;
}

/** What the counts come from: nothing comes from a second without events, so it is not padded as a shown rate is. */
function exposureIn(signal: Signal, seconds: number, events: number): number {
  return signal === 'volume' ? seconds : events;
}

/** A finding that outlives the look it was made from. */
function kept(finding: Finding): Finding {
  return { ...finding, window: { ...finding.window } };
}

const NO_CHANGES: readonly EpisodeChange[] = [];
/** A mean of zero has no ratios and no logarithms. */
const LEAST_MEAN = 1e-6;

/** A share cannot exceed one, so its counts scatter less the larger it is (binomial). */
function spread(signal: Signal, { rate }: Expectation): number {
  return signal === 'error_rate' ? 1 - Math.min(1, rate) : 1;
}

function splitVariance(signal: Signal, expected: Expectation, exposure: number) {
  const { mean, variance } = countExpected(signal, expected, exposure);
  const proportional = expected.relative * mean;
  return { mean, scatter: variance - proportional ** 2, proportional };
}

function writeForecast(to: StateWriter, forecast: MinuteForecast | null): void {
  const { rate, dispersion, relative, n, slot, habit } = forecast ?? ABSENT_FORECAST;
  for (const value of [rate, dispersion, relative, n, habit]) to.number(value);
  to.text(slot);
}

function readForecast(from: StateReader): MinuteForecast | null {
  const rate = from.number();
  const dispersion = from.number();
  const relative = from.number();
  const n = from.number();
  const habit = from.number();
  const slot = from.text();
  return Number.isNaN(rate) ? null : { rate, dispersion, relative, n, slot, habit };
}

const ABSENT_FORECAST: MinuteForecast = { rate: Number.NaN, dispersion: 0, relative: 0, n: 0, slot: '', habit: 0 };
