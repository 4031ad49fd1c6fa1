import { Worker } from 'node:worker_threads';
import { RequestError } from '@sentinellog/shared';
import type { ReplayJob, ReplayResult } from './replay-job.ts';

/** A week of one source takes two to three seconds, a month of relearning some ten; more is a mistake, not patience. */
const TIME_LIMIT_MS = 60_000;
/** A month of decoded seconds and what works on it. */
const MOST_MEMORY_MB = 1024;
/** A thread takes a core: one at a time, and a few who wait. */
const MOST_WAITING = 4;

/** Replays the past in a thread of its own, one job after another. */
export class ReplayRunner {
  #waiting = 0;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #stopping = new AbortController();

  /** Rejects with RequestError('overloaded') when too many wait already, and when a replay takes more than a minute. */
  run<Job extends ReplayJob>(job: Job): Promise<Extract<ReplayResult, { type: Job['type'] }>> {
    if (this.#waiting >= MOST_WAITING)
      throw new RequestError('overloaded', `${MOST_WAITING} replays are waiting already: ask again in a minute`);
    this.#waiting++;
    const result = this.#turn.then(() => inThread(job, this.#stopping.signal)).finally(() => this.#waiting--);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Ends the replay under way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#turn;
  }
}

function inThread<Job extends ReplayJob>(
  job: Job,
  stopping: AbortSignal,
): Promise<Extract<ReplayResult, { type: Job['type'] }>> {
  return new Promise((resolve, reject) => {
    if (stopping.aborted) return reject(new RequestError('shutting_down', 'the agent is shutting down'));
    const thread = new Worker(new URL('./replay-thread.ts', import.meta.url), {
      workerData: job,
      resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB },
    });
    const end = (settle: () => void) => {
      clearTimeout(timer);
      stopping.removeEventListener('abort', onStop);
      void thread.terminate();
      settle();
    };
    const onStop = () => end(() => reject(new RequestError('shutting_down', 'the agent is shutting down')));
    const timer = setTimeout(
      () =>
        end(() =>
          reject(new RequestError('overloaded', `the replay took more than ${TIME_LIMIT_MS / 1000} s: ask for less`)),
        ),
      TIME_LIMIT_MS,
    );
    stopping.addEventListener('abort', onStop);
    thread.once('message', (result: Extract<ReplayResult, { type: Job['type'] }>) => end(() => resolve(result)));
    thread.once('error', (error) => end(() => reject(error)));
    thread.once('exit', (code) =>
      end(() => reject(new Error(`the replay thread ended with ${code} before it answered`))),
    );
  });
}
