import { Worker } from 'node:worker_threads';
import { RequestError } from '@sentinellog/shared';
import type { JournalTask } from './search-task.ts';
import { TaskRun } from './task-run.ts';

export interface SearchDeskOptions<Journal> {
  /** The module that a searching thread runs: it takes RunRequests and answers with RunReplies. */
  readonly entry: URL;
  /** What the thread needs to find blocks, as it is when a task begins. */
  journal(): Journal;
  /** Tasks that run at a time, one thread each. */
  readonly threads: number;
  /** Tasks that may wait for a thread; the next one is refused. */
  readonly maxWaiting: number;
}

/** Why tasks did not come to their end, besides those that did. */
export type SearchOutcome = 'complete' | 'limited' | 'cancelled' | 'failed' | 'refused';

/**
 * Runs tasks on threads of their own, a few at a time: searching costs the main thread a message for each piece of the
 * answer. Threads stay for the next task, as starting one takes longer than most searches.
 */
export class SearchDesk<Journal> {
  readonly outcomes: Record<SearchOutcome, number> = { complete: 0, limited: 0, cancelled: 0, failed: 0, refused: 0 };
  readonly #options: SearchDeskOptions<Journal>;
  readonly #idle: Worker[] = [];
  readonly #running = new Set<TaskRun>();
  readonly #waiting: PromiseWithResolvers<void>[] = [];
  #free: number;
  #isClosed = false;

  constructor(options: SearchDeskOptions<Journal>) {
    this.#options = options;
    this.#free = options.threads;
  }

  /** Tasks that run, and that wait for a thread. */
  readings(): { readonly running: number; readonly waiting: number } {
    return { running: this.#running.size, waiting: this.#waiting.length };
  }

  /**
   * Waits for a thread and begins. Rejects with RequestError('rate_limited') when too many wait already.
   * @param signal whoever asked is gone: the task is given up
   */
  async start(task: JournalTask, signal: AbortSignal): Promise<TaskRun> {
    if (this.#free > 0) this.#free--;
    else await this.#turn(signal);
    if (this.#isClosed || signal.aborted) {
      this.#release();
      throw new RequestError('shutting_down', 'the search was given up before it began');
    }
    const worker = this.#idle.pop() ?? this.#newThread();
    const run = new TaskRun(worker, { task, journal: this.#options.journal() }, (outcome, isUsable) => {
      this.outcomes[outcome]++;
      this.#running.delete(run);
      if (isUsable && !this.#isClosed) this.#idle.push(worker);
      this.#release();
    });
    this.#running.add(run);
    signal.addEventListener('abort', () => run.cancel(), { once: true });
    return run;
  }

  /** Gives up what runs and ends all threads. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { resolve } of this.#waiting.splice(0)) resolve();
    await Promise.all([
      ...[...this.#running].map((run) => run.kill()),
      ...this.#idle.map((worker) => worker.terminate()),
    ]);
  }

  #newThread(): Worker {
    const worker = new Worker(this.#options.entry);
    // Whoever waits for its task is told by the task; one that fails between two tasks is only replaced.
    worker.on('error', () => this.#forget(worker));
    worker.on('exit', () => this.#forget(worker));
    return worker;
  }

  #forget(worker: Worker): void {
    const at = this.#idle.indexOf(worker);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { threads, maxWaiting } = this.#options;
    if (this.#waiting.length >= maxWaiting) {
      this.outcomes.refused++;
      const detail = `${threads} searches run and ${maxWaiting} wait already (search.threads, search.maxWaiting)`;
      throw new RequestError('rate_limited', detail);
    }
    const turn = Promise.withResolvers<void>();
    this.#waiting.push(turn);
    signal.addEventListener('abort', () => this.#leave(turn), { once: true });
    await turn.promise;
  }

  /** Whoever is gone waits no longer: its turn would be lost on it. */
  #leave(turn: PromiseWithResolvers<void>): void {
    const at = this.#waiting.indexOf(turn);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    turn.reject(new RequestError('shutting_down', 'whoever asked is gone'));
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next.resolve();
  }
}
