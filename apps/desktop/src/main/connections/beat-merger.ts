import type { Beat } from '@sentinellog/shared';
import type { BridgeEvent } from '../../bridge/events.ts';

export type HeartbeatEvent = Extract<BridgeEvent, { type: 'heartbeat' }>;

/** At most four messages a second go to the page for each agent (ux §3: the eye sees no more, IPC costs per message). */
const INTERVAL_MS = 250;
/** Two seconds of 10,000 sources: more than that waiting means that the page has stopped reading. */
const MAX_WAITING_BEATS = 20_000;

export interface BeatMergerOptions {
  readonly now: () => number;
  readonly setTimer: (run: () => void, ms: number) => () => void;
  readonly send: (event: HeartbeatEvent) => void;
  /** Beats that were given up because too many were waiting. */
  readonly onDropped: (count: number) => void;
}

/** Puts an agent's beats together into few messages; of two beats for the same source and second the later stands. */
export class BeatMerger {
  readonly #options: BeatMergerOptions;
  readonly #waiting = new Map<string, Beat>();
  #newest: Omit<HeartbeatEvent, 'beats'> | null = null;
  #lastSentMs = Number.NEGATIVE_INFINITY;
  #cancelTimer: (() => void) | null = null;
  #dropped = 0;

  constructor(options: BeatMergerOptions) {
    this.#options = options;
  }

  add({ beats, ...event }: HeartbeatEvent): void {
    // The person looks at another signal now: what waits of the old one is of no use.
    if (this.#newest !== null && this.#newest.signal !== event.signal) this.#waiting.clear();
    this.#newest = event;
    for (const beat of beats) {
      const key = `${beat.source_id} ${beat.t}`;
      if (this.#waiting.size >= MAX_WAITING_BEATS && !this.#waiting.has(key)) this.#dropped++;
      else this.#waiting.set(key, beat);
    }
    if (this.#cancelTimer !== null) return;
    const waitMs = this.#lastSentMs + INTERVAL_MS - this.#options.now();
    if (waitMs <= 0) this.#flush();
    else this.#cancelTimer = this.#options.setTimer(() => this.#flush(), waitMs);
  }

  /** Forgets what waits. Safe to call twice. */
  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#waiting.clear();
    this.#newest = null;
  }

  #flush(): void {
    this.#cancelTimer = null;
    this.#lastSentMs = this.#options.now();
    if (this.#newest === null) return;
    this.#options.send({ ...this.#newest, beats: [...this.#waiting.values()] });
    this.#waiting.clear();
    if (this.#dropped === 0) return;
    this.#options.onDropped(this.#dropped);
    this.#dropped = 0;
  }
}
