import type { Direction, Signal } from '@sentinellog/shared';
import type { Finding } from './detector.ts';
import type { StateReader, StateWriter } from './state-codec.ts';

/** Back inside for this long is over; found by a long window, for a tenth of it: the hour is looked at once in a twelfth of it. */
const HOLD_SECONDS = 120;
const HOLD_SHARE = 0.1;
/** After a recovery the same direction is told again only when it is worse than it was. */
const QUIET_SECONDS = 600;
/** How much worse is worth saying again. */
const WORSE_BY = 1.25;
/** While open, a window that is still this share of the sensitivity outside keeps it open: no flapping at the line. */
export const STAY_SHARE = 0.6;
/** A change that lasts this long is the new normal. Errors get a day: nobody should be taught that by a bad afternoon. */
const ADOPT_AFTER_SECONDS: Readonly<Record<Signal, number>> = { volume: 2 * 3600, error_rate: 24 * 3600 };
/** Less than this share of the expected is an outage, not a new level, and is waited for as long as errors are. */
const OUTAGE_SHARE = 0.1;
const OUTAGE_SECONDS = 24 * 3600;
/** Ten minutes decide what the new level is. */
const SEEN_MEMORY = 0.9;

const PHASES = ['none', 'early', 'open'] as const;
type Phase = (typeof PHASES)[number];

/** What became of a series' one anomaly. */
export type EpisodeChange =
  | { readonly type: 'early'; readonly finding: Finding }
  | { readonly type: 'opened'; readonly finding: Finding }
  | { readonly type: 'confirmed'; readonly finding: Finding }
  | { readonly type: 'worsened'; readonly finding: Finding }
  | { readonly type: 'withdrawn'; readonly atSecond: number }
  /** `back`: inside its baseline again; `accepted`: it went on for so long that it is the new normal. */
  | { readonly type: 'recovered'; readonly how: 'back' | 'accepted'; readonly lastOutside: number };

const NO_CHANGES: readonly EpisodeChange[] = [];

/** The one anomaly a series can have at a time: from its first window outside to its recovery. */
export class Episode {
  readonly #signal: Signal;
  #phase: Phase = 'none';
  #direction: Direction = 'high';
  /** Second whose close decides about an early one. */
  #earlySecond = 0;
  #openedAt = 0;
  /** Unix second after the last window outside. */
  #lastOutside = Number.NEGATIVE_INFINITY;
  #reported = 0;
  #peak = 0;
  #quietUntil = Number.NEGATIVE_INFINITY;
  /** Windows that reach back before this are about an episode that is over. */
  #staleBefore = Number.NEGATIVE_INFINITY;
  /** Only windows up to this length keep it open: a long one drains for minutes after all is well. */
  #longest = 0;
  #seenCount = 0;
  #seenExposure = 0;

  constructor(signal: Signal) {
    this.#signal = signal;
  }

  /** False between anomalies: the sensitivity counts in full. */
  get isOpen(): boolean {
    return this.#phase !== 'none';
  }

  /** Its last anomaly is told again only when it is worse. */
  isQuiet(second: number): boolean {
    return second < this.#quietUntil;
  }

  /** True while what is seen must not be learnt. */
  quarantines(second: number): boolean {
    return this.isOpen || second - this.#lastOutside < HOLD_SECONDS;
  }

  /** A window that is still open has already crossed. */
  peek(finding: Finding, second: number): EpisodeChange | null {
    if (this.#phase !== 'none' || this.#isQuietAbout(finding, second)) return null;
    this.#open('early', finding, second);
    this.#earlySecond = second;
    return { type: 'early', finding };
  }

  /**
   * @param worst the finding furthest out among the windows that closed with this second
   * @param sigma what a finding has to reach to open an anomaly
   */
  close(second: number, worst: Finding | null, sigma: number): readonly EpisodeChange[] {
    const fires = worst !== null && Math.abs(worst.score) >= sigma;
    if (this.#phase === 'none') return fires ? this.#maybeOpen(worst, second) : NO_CHANGES;
    if (this.#phase === 'early') return this.#decideEarly(fires ? worst : null, second);
    if (worst && fires && worst.direction !== this.#direction) {
      return [this.#recover('back', second), ...this.#maybeOpen(worst, second)];
    }
    return worst ? this.#extend(worst, second, fires) : this.#maybeRecover(second);
  }

  /**
   * A minute of an open anomaly is over. Returns the rate to take over when it has become the new normal.
   *
   * @param expected count of the minute
   */
  finishMinute(
    second: number,
    count: number,
    exposure: number,
    expected: number,
  ): { rate: number; change: EpisodeChange } | null {
    if (this.#phase !== 'open') return null;
    this.#seenCount = this.#seenCount * SEEN_MEMORY + count;
    this.#seenExposure = this.#seenExposure * SEEN_MEMORY + exposure;
    const isOutage = this.#direction === 'low' && count < OUTAGE_SHARE * expected;
    const patience = isOutage ? OUTAGE_SECONDS : ADOPT_AFTER_SECONDS[this.#signal];
    if (second - this.#openedAt < patience || this.#seenExposure === 0) return null;
    this.#lastOutside = second;
    return { rate: this.#seenCount / this.#seenExposure, change: this.#recover('accepted', second) };
  }

  #decideEarly(finding: Finding | null, second: number): readonly EpisodeChange[] {
    if (finding) {
      this.#open('open', finding, second);
      return [{ type: 'confirmed', finding }];
    }
    if (second < this.#earlySecond) return NO_CHANGES;
    this.#phase = 'none';
    return [{ type: 'withdrawn', atSecond: second + 1 }];
  }

  #maybeOpen(finding: Finding, second: number): readonly EpisodeChange[] {
    if (finding.window.end - finding.window.seconds < this.#staleBefore) return NO_CHANGES;
    if (this.#isQuietAbout(finding, second)) {
      this.#lastOutside = finding.window.end;
      return NO_CHANGES;
    }
    this.#open('open', finding, second);
    return [{ type: 'opened', finding }];
  }

  #isQuietAbout({ direction, score }: Finding, second: number): boolean {
    return second < this.#quietUntil && direction === this.#direction && Math.abs(score) <= this.#peak;
  }

  #open(phase: Phase, { direction, score, window }: Finding, second: number): void {
    this.#phase = phase;
    this.#direction = direction;
    this.#openedAt = second;
    this.#lastOutside = window.end;
    this.#reported = this.#peak = Math.abs(score);
    this.#longest = Math.max(60, window.seconds);
    this.#seenCount = this.#seenExposure = 0;
  }

  #extend(finding: Finding, second: number, fires: boolean): readonly EpisodeChange[] {
    if (finding.window.seconds > this.#longest && finding.detector !== 'silence') return this.#maybeRecover(second);
    this.#lastOutside = finding.window.end;
    this.#peak = Math.max(this.#peak, Math.abs(finding.score));
    if (!fires || this.#peak < this.#reported * WORSE_BY) return NO_CHANGES;
    this.#reported = this.#peak;
    return [{ type: 'worsened', finding }];
  }

  #maybeRecover(second: number): readonly EpisodeChange[] {
    const hold = Math.max(HOLD_SECONDS, HOLD_SHARE * this.#longest);
    return second + 1 - this.#lastOutside >= hold ? [this.#recover('back', second)] : NO_CHANGES;
  }

  #recover(how: 'back' | 'accepted', second: number): EpisodeChange {
    this.#phase = 'none';
    this.#quietUntil = second + QUIET_SECONDS;
    const lastOutside = this.#lastOutside;
    this.#staleBefore = lastOutside;
    // What was accepted is learnt from at once.
    if (how === 'accepted') this.#lastOutside = Number.NEGATIVE_INFINITY;
    return { type: 'recovered', how, lastOutside };
  }

  write(to: StateWriter): void {
    to.bytes(Uint8Array.of(PHASES.indexOf(this.#phase), this.#direction === 'high' ? 1 : 0));
    for (const value of [
      this.#earlySecond,
      this.#openedAt,
      this.#lastOutside,
      this.#reported,
      this.#peak,
      this.#quietUntil,
      this.#staleBefore,
      this.#longest,
      this.#seenCount,
      this.#seenExposure,
    ]) {
      to.number(value);
    }
  }

  static read(from: StateReader, signal: Signal): Episode {
    const episode = new Episode(signal);
    const [phase = 0, high = 0] = from.bytes(2);
    const known = PHASES[phase];
    if (!known) throw new Error(`detector state is damaged: there is no phase ${phase} of an anomaly`);
    episode.#phase = known;
    episode.#direction = high === 1 ? 'high' : 'low';
    episode.#earlySecond = from.number();
    episode.#openedAt = from.number();
    episode.#lastOutside = from.number();
    episode.#reported = from.number();
    episode.#peak = from.number();
    episode.#quietUntil = from.number();
    episode.#staleBefore = from.number();
    episode.#longest = from.number();
    episode.#seenCount = from.number();
    episode.#seenExposure = from.number();
    return episode;
  }
}
