import { z } from 'zod';
import type { BlockDelta, Checkpoint } from '../pipeline/checkpoint.ts';
import type { TemplateBlockDelta } from '../pipeline/template-block.ts';
import { writeAnomalies } from './anomalies.ts';
import { writeBlind } from './blind-intervals.ts';
import { DoubtfulCommit } from './commit-in-doubt.ts';
import { writeExpected, writeLatency } from './expected-minutes.ts';
import { addBlocks } from './frame-blocks.ts';
import { toStorableJson } from './lossless-text.ts';
import type { Database, Transaction } from './postgres.ts';
import { addSources, writeProgress } from './sources.ts';
import { CommitInDoubt, StoreRefused, StoreUnavailable } from './store-errors.ts';
import { addTemplateBlocks } from './template-blocks.ts';
import { writeTemplates } from './templates.ts';
import { writeWatches } from './watch-states.ts';
import { writeRuleState, writeTail } from './watch-tails.ts';

/** What the one row of `checkpoint` says. */
export interface CheckpointHead {
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
  readonly counters: unknown;
};
/** What a commit adds, to be taken off again when its answer is lost. */
interface Attempt {
  readonly sequence: number;
  readonly deltas: readonly BlockDelta[];
  readonly blocks: readonly TemplateBlockDelta[];
}
const COUNTERS = z.record(z.string(), z.number());

/** The row's lock is what keeps two commits apart: also from one of ours whose connection broke and which still runs. */
const LOCK_HEAD = 'SELECT sequence, writer, agent_id, lsn, at_ms, counters FROM checkpoint FOR UPDATE';

/**
 * Writes checkpoints, each exactly once. Every commit raises `sequence`; when the answer to one is lost, the next one
 * finds by the sequence whether it was done, and leaves out what is stored already.
 */
export class CheckpointWriter {
  readonly #database: Pick<Database, 'transaction'>;
  readonly #writerId: string;
  readonly #agentId: string;
  #claimed = false;
  /** Commits whose answer was lost, and whose deltas the caller still believes to be pending. */
  #doubts: readonly DoubtfulCommit[] = [];
  #deadLetters = 0;

  /** @param writerId a new UUID for every run of the agent */
  constructor(database: Pick<Database, 'transaction'>, writerId: string, agentId: string) {
    this.#database = database;
    this.#writerId = writerId;
    this.#agentId = agentId;
  }

  /** Anomalies that the database refused, since the start. */
  get deadLetters(): number {
    return this.#deadLetters;
  }

  /** What is stored may hold what the caller believes to be pending, until the next commit. */
  get inDoubt(): boolean {
    return this.#doubts.length > 0;
  }

  /** From now on only this run may write: one that still hangs elsewhere is refused at its next commit. */
  async claim(): Promise<CheckpointHead> {
    const head = await this.#database.transaction(async (transaction) => {
      const found = await lockHead(transaction);
      await transaction.query('UPDATE checkpoint SET writer = $1', [this.#writerId]);
      return found;
    });
    this.#claimed = true;
    this.#doubts = [];
    return { agentId: head.agent_id, lsn: head.lsn, atMs: head.at_ms, counters: COUNTERS.parse(head.counters) };
  }

  /** Rejects with StoreRefused once another run has claimed the database: whatever else this one writes is not its to write. */
  async requireClaim(transaction: Transaction): Promise<void> {
    const [head] = await transaction.query<Pick<HeadRow, 'writer'>>('SELECT writer FROM checkpoint');
    this.#requireOurs(head);
  }

  /**
   * All of the checkpoint or nothing. After a rejection the caller takes everything back and commits again later, with
   * the same deltas or more; nothing is counted twice, also when the rejected commit was in truth done (CommitInDoubt).
   */
  async commit(checkpoint: Checkpoint): Promise<void> {
    if (!this.#claimed) throw new StoreUnavailable('the last checkpoint has not been read yet');
    let attempt: Attempt | undefined;
    try {
      this.#deadLetters += await this.#database.transaction(async (transaction) => {
        const head = await lockHead(transaction);
        this.#requireOurs(head);
        // Under the lock no earlier attempt can still be running: what the sequence does not count was not done.
        this.#doubts = this.#doubts.filter(({ sequence }) => sequence <= head.sequence);
        const deltas = this.#doubts.reduce<readonly BlockDelta[]>(
          (rest, doubt) => doubt.without(rest),
          checkpoint.deltas,
        );
        const blocks = this.#doubts.reduce<readonly TemplateBlockDelta[]>(
          (rest, doubt) => doubt.withoutTemplates(rest),
          checkpoint.templates.blocks,
        );
        attempt = { sequence: head.sequence + 1, deltas, blocks };
        const templates = { ...checkpoint.templates, blocks };
        return this.#write(transaction, { ...checkpoint, deltas, templates }, attempt.sequence);
      });
      this.#doubts = [];
    } catch (error) {
      if (error instanceof CommitInDoubt && attempt !== undefined)
        this.#doubts = [...this.#doubts, new DoubtfulCommit(attempt.sequence, attempt.deltas, attempt.blocks)];
      throw error;
    }
  }

  #requireOurs({ writer }: Pick<HeadRow, 'writer'>): void {
    if (writer === this.#writerId) return;
    throw new StoreRefused(
      'another agent has taken over this database; give every agent a database of its own (database.url)',
    );
  }

  /** Returns how many anomalies had to be set aside. */
  async #write(transaction: Transaction, checkpoint: Checkpoint, sequence: number): Promise<number> {
    await addSources(transaction, checkpoint.newSources);
    await writeProgress(transaction, checkpoint.progress, newestMinutes(checkpoint.deltas));
    await addBlocks(transaction, checkpoint.deltas);
    await addTemplateBlocks(transaction, checkpoint.templates.blocks);
    await writeTemplates(transaction, checkpoint.templates, checkpoint.atMs);
    await writeExpected(transaction, checkpoint.expected);
    await writeLatency(transaction, checkpoint.latency ?? []);
    await writeWatches(transaction, checkpoint.watches);
    await writeTail(transaction, checkpoint.tail);
    if (checkpoint.ruleState) await writeRuleState(transaction, checkpoint.ruleState);
    await writeBlind(transaction, checkpoint.blind);
    const dead = await writeAnomalies(transaction, checkpoint.anomalies, checkpoint.atMs);
    await transaction.query('UPDATE checkpoint SET sequence = $1, agent_id = $2, lsn = $3, at_ms = $4, counters = $5', [
      sequence,
      this.#agentId,
      checkpoint.lsn,
      checkpoint.atMs,
      toStorableJson(checkpoint.counters),
    ]);
    return dead;
  }
}

async function lockHead(transaction: Transaction): Promise<HeadRow> {
  const [head] = await transaction.query<HeadRow>(LOCK_HEAD);
  if (head === undefined) throw new StoreRefused('the table "checkpoint" has lost its row; restore it from a backup');
  return head;
}

/** Start of the newest minute that each source was given. */
function newestMinutes(deltas: readonly BlockDelta[]): ReadonlyMap<string, number> {
  const newest = new Map<string, number>();
  for (const { level, sourceId, start } of deltas)
    if (level === 0) newest.set(sourceId, Math.max(start, newest.get(sourceId) ?? start));
  return newest;
}
