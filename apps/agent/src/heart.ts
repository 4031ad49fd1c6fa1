/** The agent's own rhythm: lets clock time pass, looks at running seconds, sends beats and health to the consoles. */
import { type AgentHealth, type Beat, DRAWN_SIGNALS, type DrawnSignal, type Source } from '@sentinellog/shared';
import type { FrameCounts, TallySource } from './tally/source-state.ts';

/** Early detection must be seen within 100 ms of the line (goal P4), half of it within 30, so running seconds are looked at this often. */
const LOOK_MS = 20;
/** A look at thousands of busy sources takes milliseconds, and ingest waits for it: so much of the time, at most. */
const LOOK_SHARE = 0.1;
const RAREST_LOOK_MS = 250;
const BEATS_MS = 250;
const HEALTH_MS = 1000;
/** How far a baseline has learnt changes slowly. */
const SOURCES_MS = 10_000;
const HOUR_MS = 3_600_000;
/** Seconds that close later than this after they happened are history being loaded; consoles ask for that over HTTP. */
const LIVE_BEAT_SECONDS = 120;
/** Every tick the newest seconds go out as they stand; those of slow shippers, which stay open for long, every fourth. */
const NEWEST_SECONDS = 4;
const ALL_EVERY_TICKS = 4;
/** Closed seconds that wait for the next beat: 10,000 sources for 4 s. What is above is in the history all the same. */
const MAX_WAITING = 40_000;

type Look = (source: TallySource, second: number, counts: FrameCounts) => void;

export interface HeartParts {
  readonly now: () => number;
  /** Milliseconds that no setting of the clock changes. */
  readonly monotonicMs: () => number;
  /** True once the journal has been read back: before that, the clock must not close seconds. */
  readonly isLive: () => boolean;
  readonly tick: (nowMs: number) => void;
  /** The open seconds of sources that have moved since the last time. */
  readonly eachMoved: (look: Look) => void;
  /** Seconds of live sources from one on that are over but not closed. */
  readonly eachOver: (fromSecond: number, nowSecond: number, look: Look) => void;
  /** False while no console is connected: then nothing is made for nobody. */
  readonly hasViewers: () => boolean;
  readonly peek: (source: TallySource, second: number, counts: FrameCounts) => void;
  readonly beatFor: (source: TallySource, second: number, signal: DrawnSignal, counts: FrameCounts | null) => Beat;
  readonly publishBeats: (signal: DrawnSignal, beats: readonly Beat[], nowMs: number) => void;
  readonly sampleStatus: () => AgentHealth;
  readonly publishHealth: (health: AgentHealth) => void;
  readonly sources: () => readonly Source[];
  readonly publishSource: (source: Source) => void;
}

interface ClosedSecond {
  readonly source: TallySource;
  readonly second: number;
  readonly counts: FrameCounts | null;
}

export class Heart {
  readonly #parts: HeartParts;
  #waiting: ClosedSecond[] = [];
  readonly #learnt = new Map<string, string>();
  #timers: NodeJS.Timeout[] = [];
  #nextLook: NodeJS.Timeout | undefined;
  #ticks = 0;

  constructor(parts: HeartParts) {
    this.#parts = parts;
  }

  /** A second of a source has closed; it goes out with the next beat if it is news. */
  closed(source: TallySource, second: number, counts: FrameCounts | null): void {
    const isNews = second > this.#parts.now() / 1000 - LIVE_BEAT_SECONDS;
    if (isNews && this.#waiting.length < MAX_WAITING) this.#waiting.push({ source, second, counts });
  }

  start(): void {
    const every = (ms: number, work: () => void) => this.#timers.push(setInterval(work, ms));
    every(BEATS_MS, () => this.#beat());
    every(HEALTH_MS, () => this.#parts.publishHealth(this.#parts.sampleStatus()));
    every(SOURCES_MS, () => this.#announceLearning());
    this.#lookIn(LOOK_MS);
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    clearTimeout(this.#nextLook);
  }

  #lookIn(ms: number): void {
    const { monotonicMs } = this.#parts;
    this.#nextLook = setTimeout(() => {
      const fromMs = monotonicMs();
      this.#look();
      this.#lookIn(Math.min(RAREST_LOOK_MS, Math.max(LOOK_MS, (monotonicMs() - fromMs) / LOOK_SHARE)));
    }, ms);
  }

  #look(): void {
    const { isLive, now, tick, eachMoved, peek } = this.#parts;
    if (!isLive()) return;
    tick(now());
    eachMoved(peek);
  }

  #beat(): void {
    const { now, hasViewers, eachOver, beatFor, publishBeats } = this.#parts;
    const seconds = this.#waiting;
    this.#waiting = [];
    if (!hasViewers()) return;
    const nowMs = now();
    const nowSecond = Math.floor(nowMs / 1000);
    // Seconds that are over but not closed are drawn as they stand; their close corrects them.
    const span = this.#ticks++ % ALL_EVERY_TICKS === 0 ? LIVE_BEAT_SECONDS : NEWEST_SECONDS;
    eachOver(nowSecond - span, nowSecond, (source, second, counts) => seconds.push({ source, second, counts }));
    if (seconds.length === 0) return;
    for (const signal of DRAWN_SIGNALS) {
      const beats = seconds.map(({ source, second, counts }) => beatFor(source, second, signal, counts));
      publishBeats(signal, beats, nowMs);
    }
  }

  #announceLearning(): void {
    for (const source of this.#parts.sources()) {
      // The hour of its latest line: history that is being loaded moves it on with every look.
      const state = `${source.learning} ${Math.floor(source.learnt_hours)} ${Math.floor(source.last_seen_ms / HOUR_MS)}`;
      if (this.#learnt.get(source.source_id) === state) continue;
      this.#learnt.set(source.source_id, state);
      this.#parts.publishSource(source);
    }
  }
}
