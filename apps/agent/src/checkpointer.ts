/**
 * Commits what the tally and the detectors have come to, with the journal position it covers, in one transaction,
 * every few seconds. The parts are taken in one synchronous step, so they always belong to the same position; a
 * commit that fails gives them back, and nothing is counted twice or lost.
 */
import type { Checkpoint } from './pipeline/checkpoint.ts';

/** What the tally knows at one journal position. */
export type TallyPart = Pick<Checkpoint, 'lsn' | 'newSources' | 'progress' | 'deltas' | 'counters' | 'templates'>;
export type DetectPart = Pick<Checkpoint, 'watches' | 'tail' | 'ruleState' | 'expected' | 'latency' | 'anomalies'>;

export interface CheckpointerParts {
  readonly tally: { takeDelta(): TallyPart; giveBack(part: TallyPart): void };
  readonly detect: { takeCheckpointPart(): DetectPart; giveBack(part: DetectPart): void };
  readonly store: { commit(checkpoint: Checkpoint): Promise<void> };
  /** Stretches the agent did not look, known since the last commit. */
  readonly takeBlind: () => Checkpoint['blind'];
  readonly giveBackBlind: (blind: Checkpoint['blind']) => void;
  readonly onCommitted: (lsn: number, accepted: number) => void;
  readonly onFailed: (error: unknown) => void;
  readonly now: () => number;
}

export class Checkpointer {
  readonly #parts: CheckpointerParts;
  /** Readers of stored blocks and the commit that changes them take turns: see `readStored`. */
  #turn: Promise<unknown> = Promise.resolve();
  #lastCommitMs: number;

  constructor(parts: CheckpointerParts) {
    this.#parts = parts;
    this.#lastCommitMs = parts.now();
  }

  get ageMs(): number {
    return this.#parts.now() - this.#lastCommitMs;
  }

  /** Resolves when the commit is done or has failed (which `onFailed` was told); never rejects. */
  commit(): Promise<void> {
    return this.#inTurn(() => this.#commit());
  }

  /**
   * Runs a read of stored blocks while no commit is under way and then, in the same turn of the event loop, `pending`:
   * what is stored plus what is pending is everything, once.
   */
  readStored<Stored, Result>(read: () => Promise<Stored>, merge: (stored: Stored) => Result): Promise<Result> {
    return this.#inTurn(async () => merge(await read()));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #commit(): Promise<void> {
    const { tally, detect, store, takeBlind, giveBackBlind, onCommitted, onFailed, now } = this.#parts;
    const counted = tally.takeDelta();
    const detected = detect.takeCheckpointPart();
    const blind = takeBlind();
    const atMs = now();
    try {
      await store.commit({ ...counted, ...detected, blind, atMs });
    } catch (error) {
      tally.giveBack(counted);
      detect.giveBack(detected);
      giveBackBlind(blind);
      onFailed(error);
      return;
    }
    this.#lastCommitMs = now();
    onCommitted(counted.lsn, counted.counters['accepted'] ?? 0);
  }
}
