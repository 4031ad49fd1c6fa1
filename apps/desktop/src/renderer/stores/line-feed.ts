import type { LiveLine } from '@sentinellog/shared';
import { createStore } from 'zustand/vanilla';
import type { LineWish } from '../../bridge/calls.ts';
import type { BridgeEvent } from '../../bridge/events.ts';
import type { SetTimer } from './event-batch.ts';

/** Lines that can be scrolled back to (ux §2.9). */
const MAX_LINES = 10_000;
/** Text that people read changes at most four times a second. */
const COMMIT_INTERVAL_MS = 250;

export interface FeedLine {
  /** Stays with the line while others come and go. */
  readonly id: number;
  readonly agentId: string;
  readonly line: LiveLine;
}

export interface LineFeedState {
  /** Oldest first; while paused, as they were when the pause began. */
  readonly lines: readonly FeedLine[];
  readonly isPaused: boolean;
  /** Lines that have come since the pause. */
  readonly fresh: number;
  /** Of those, the ones that the ring has let go of already. */
  readonly forgotten: number;
  /** Lines that matched and were not sent, as a share: 1 in so many is shown. */
  readonly sampled: number;
  readonly matchedPerSecond: number;
  /** Lines that a slow connection did not bring. */
  readonly dropped: number;
}

export interface LineFeedOptions {
  readonly watchLines: (agentIds: readonly string[], wish: LineWish | null) => Promise<unknown>;
  readonly onEvent: (listener: (event: BridgeEvent) => void) => () => void;
  readonly now: () => number;
  readonly setTimer: SetTimer;
}

const EMPTY: LineFeedState = {
  lines: [],
  isPaused: false,
  fresh: 0,
  forgotten: 0,
  sampled: 1,
  matchedPerSecond: 0,
  dropped: 0,
};
/** Over so long the rate is told: two commits would jump with every batch. */
const RATE_WINDOW_MS = 3000;

/** The lines as they come in, of the agents in scope: a ring that people can stop without losing count. */
export class LineFeed {
  readonly state = createStore<LineFeedState>(() => EMPTY);
  readonly #options: LineFeedOptions;
  #ring: FeedLine[] = [];
  #nextId = 1;
  #fresh = 0;
  #forgotten = 0;
  #dropped = 0;
  #batches: { readonly atMs: number; readonly matched: number; readonly shown: number }[] = [];
  #cancelCommit: (() => void) | null = null;
  #stopListening: (() => void) | null = null;

  constructor(options: LineFeedOptions) {
    this.#options = options;
  }

  /** Other lines than before: what is shown makes room for them. */
  async watch(agentIds: readonly string[], wish: LineWish): Promise<void> {
    this.#stopListening ??= this.#options.onEvent((event) => this.#take(event));
    this.#ring = [];
    this.#fresh = 0;
    this.#forgotten = 0;
    this.#batches = [];
    this.state.setState({ ...EMPTY, dropped: this.#dropped });
    await this.#options.watchLines(agentIds, wish);
  }

  async stop(): Promise<void> {
    this.#stopListening?.();
    this.#stopListening = null;
    this.#cancelCommit?.();
    this.#cancelCommit = null;
    await this.#options.watchLines([], null);
  }

  pause(): void {
    if (this.state.getState().isPaused) return;
    this.#fresh = 0;
    this.#forgotten = 0;
    this.state.setState({ isPaused: true, fresh: 0, forgotten: 0 });
  }

  resume(): void {
    if (!this.state.getState().isPaused) return;
    this.#fresh = 0;
    this.#forgotten = 0;
    this.state.setState({ isPaused: false, fresh: 0, forgotten: 0, lines: [...this.#ring] });
  }

  #take(event: BridgeEvent): void {
    if (event.type === 'gap' && event.topic === 'lines') {
      this.#dropped += event.dropped;
      this.#schedule();
      return;
    }
    if (event.type !== 'lines') return;
    const { agentId, lines, matched } = event;
    for (const line of lines) this.#ring.push({ id: this.#nextId++, agentId, line });
    const over = Math.max(0, this.#ring.length - MAX_LINES);
    if (over > 0) this.#ring.splice(0, over);
    if (this.state.getState().isPaused) {
      this.#fresh += lines.length;
      this.#forgotten = Math.max(0, this.#fresh - MAX_LINES);
    }
    this.#batches.push({ atMs: this.#options.now(), matched, shown: lines.length });
    this.#schedule();
  }

  #schedule(): void {
    this.#cancelCommit ??= this.#options.setTimer(() => {
      this.#cancelCommit = null;
      this.#commit();
    }, COMMIT_INTERVAL_MS);
  }

  #commit(): void {
    const nowMs = this.#options.now();
    this.#batches = this.#batches.filter(({ atMs }) => nowMs - atMs <= RATE_WINDOW_MS);
    const matched = this.#batches.reduce((sum, batch) => sum + batch.matched, 0);
    const shown = this.#batches.reduce((sum, batch) => sum + batch.shown, 0);
    const { isPaused, lines } = this.state.getState();
    this.state.setState({
      lines: isPaused ? lines : [...this.#ring],
      fresh: this.#fresh,
      forgotten: this.#forgotten,
      sampled: shown === 0 ? 1 : Math.max(1, matched / shown),
      matchedPerSecond: matched / (RATE_WINDOW_MS / 1000),
      dropped: this.#dropped,
    });
  }
}

/** Lines of one template in a row of their own, with how many there are; those without a template stand alone. */
export interface FoldedLine extends FeedLine {
  readonly count: number;
}

/** One row a template, at the place of its newest line. */
export function foldedByTemplate(lines: readonly FeedLine[]): readonly FoldedLine[] {
  const folds = new Map<string, FoldedLine>();
  for (const one of lines) {
    const { template_id: templateId } = one.line;
    const key = templateId === null ? `line ${one.id}` : `${one.agentId}/${templateId}`;
    const known = folds.get(key);
    folds.delete(key);
    // The row keeps the id of its first line, so that focus and selection stay on it while its count grows.
    folds.set(key, { ...one, id: known?.id ?? one.id, count: (known?.count ?? 0) + 1 });
  }
  return [...folds.values()];
}
