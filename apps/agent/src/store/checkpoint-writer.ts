import type { Checkpoint } from '../pipeline/checkpoint.ts';
import { writeAnomalies } from './anomalies.ts';
import { writeBlind } from './blind-intervals.ts';
import { DoubtfulCommit } from './commit-in-doubt.ts';
import { writeExpected } from './expected-minutes.ts';
import { addBlocks } from './frame-blocks.ts';
import type { Database, Transaction } from './postgres.ts';
import { addSources, writeProgress } from './sources.ts';
import { CommitInDoubt, StoreRefused, StoreUnavailable } from './store-errors.ts';
import { writeWatches } from './watch-states.ts';

/** What the one row of `checkpoint` says. */
export interface CheckpointHead {
  readonly sequence: number;
  readonly agentId: string | null;
  readonly lsn: number;
  readonly atMs: number | null;
  readonly counters: Readonly<Record<string, number>>;
}

type HeadRow = {
  readonly sequence: number;
  readonly writer: string | null;
  readonly agent_id: string | null;
  readonly lsn: number;
  readonly at_ms: number | null;
  readonly counters: Record<string, number>;
};

/** The row's lock is what keeps two commits apart: also from one of ours whose connection broke and which still runs. */
const LOCK_HEAD = 'SELECT sequence, writer, agent_id, lsn, at_ms, counters FROM checkpoint FOR UPDATE';

/**
 * Writes checkpoints, each exactly once. Every commit raises `sequence`; when the answer to one is lost, the next one
 * finds by the sequence whether it was done, and leaves out what is stored already.
 */
export class CheckpointWriter {
  readonly #database: Database;
  readonly #writerId: string;
  readonly #agentId: string;
  #sequence: number | undefined;
  #doubt: DoubtfulCommit | undefined;
  #deadLetters = 0;

  /** @param writerId a new UUID for every run of the agent */
  constructor(database: Database, writerId: string, agentId: string) {
    this.#database = database;
    this.#writerId = writerId;
    this.#agentId = agentId;
  }

  /** Anomalies that the database refused, since the start. */
  get deadLetters(): number {
    return this.#deadLetters;
  }

  /** The answer to the last commit was lost: what is stored may hold what the caller believes to be pending. */
  get inDoubt(): boolean {
    return this.#doubt !== undefined;
  }

  /** From now on only this run may write: one that still hangs elsewhere is refused at its next commit. */
  async claim(): Promise<CheckpointHead> {
    return this.#database.transaction(async (transaction) => {
      const head = await lockHead(transaction);
      await transaction.query('UPDATE checkpoint SET writer = $1', [this.#writerId]);
      this.#sequence = head.sequence;
      this.#doubt = undefined;
      return { sequence: head.sequence, agentId: head.agent_id, lsn: head.lsn, atMs: head.at_ms, counters: head.counters };
    });
  }

  /**
   * All of the checkpoint or nothing. After a rejection the caller gives everything back and commits again later, with
   * the same deltas or more; nothing is counted twice, also when the rejected commit was in truth done (CommitInDoubt).
   */
  async commit(checkpoint: Checkpoint): Promise<void> {
    if (this.#sequence === undefined) throw new StoreUnavailable('the last checkpoint has not been read yet');
    const next = this.#sequence + (this.#doubt === undefined ? 1 : 0);
    let sequence = next;
    let written = checkpoint.deltas;
    try {
      const dead = await this.#database.transaction(async (transaction) => {
        const head = await lockHead(transaction);
        this.#requireOurs(head);
        // After a doubt: one more than we know of, if the doubtful one was done.
        written = this.#doubt?.sequence === head.sequence ? this.#doubt.without(checkpoint.deltas) : checkpoint.deltas;
        sequence = head.sequence + 1;
        return write(transaction, { ...checkpoint, deltas: written }, sequence, this.#agentId);
      });
      this.#deadLetters += dead;
      this.#sequence = sequence;
      this.#doubt = undefined;
    } catch (error) {
      if (error instanceof CommitInDoubt) this.#settle(sequence, written);
      throw error;
    }
  }
}
