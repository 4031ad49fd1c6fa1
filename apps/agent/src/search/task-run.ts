import type { Worker } from 'node:worker_threads';
import type { SearchOutcome } from './search-desk.ts';
import type { TaskEnd } from './search-task.ts';
import { FLAG, newFlags, type RunReply, type RunRequest } from './thread-protocol.ts';

/** A thread looks at its flags at every block, which takes milliseconds; a pattern over a block of 64 MB seconds. */
const MAX_CANCEL_MS = 10_000;

/** The task broke off: its answer is not whole. */
export class TaskFailed extends Error {
  constructor(detail: string) {
    super(detail);
    this.name = 'TaskFailed';
  }
}

/** One task on its thread. */
export class TaskRun {
  readonly #worker: Worker;
  readonly #flags: Int32Array;
  readonly #onOver: (outcome: SearchOutcome, isUsable: boolean) => void;
  /** At most PIECES_UNDER_WAY and the end: the thread waits for what was received. */
  readonly #replies: RunReply[] = [];
  #wake: (() => void) | undefined;
  #isOver = false;
  #killer: NodeJS.Timeout | undefined;

  /** @param onOver once, whatever happens: how it ended, and whether the thread can take another task */
  constructor(
    worker: Worker,
    request: Omit<RunRequest<unknown>, 'flags'>,
    onOver: (outcome: SearchOutcome, isUsable: boolean) => void,
  ) {
    const flags = newFlags();
    this.#worker = worker;
    this.#flags = new Int32Array(flags);
    this.#onOver = onOver;
    worker.on('message', this.#onReply);
    worker.on('error', this.#onError);
    worker.on('exit', this.#onExit);
    worker.postMessage({ ...request, flags } satisfies RunRequest<unknown>, []);
  }

  /** The answer, piece by piece; slow readers slow the search down. Throws TaskFailed. To be read once. */
  async *pieces(): AsyncGenerator<Uint8Array, TaskEnd> {
    for (;;) {
      const reply = this.#replies.shift();
      if (reply === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
      else if (reply.type === 'end') return reply.end;
      else if (reply.type === 'failed') throw new TaskFailed(reply.detail);
      else {
        yield reply.bytes;
        Atomics.add(this.#flags, FLAG.received, 1);
        Atomics.notify(this.#flags, FLAG.received);
      }
    }
  }

  /** Nobody wants the answer any more. */
  cancel(): void {
    if (this.#isOver || this.#killer !== undefined) return;
    Atomics.store(this.#flags, FLAG.cancelled, 1);
    // A waiting thread looks up.
    Atomics.add(this.#flags, FLAG.received, 1);
    Atomics.notify(this.#flags, FLAG.received);
    this.#killer = setTimeout(() => void this.kill(), MAX_CANCEL_MS);
    this.#killer.unref();
  }

  /** Ends the thread whatever it does. */
  async kill(): Promise<void> {
    await this.#worker.terminate();
  }

  readonly #onReply = (reply: RunReply): void => {
    this.#take(reply);
    if (reply.type === 'end') this.#over(outcomeOf(reply.end), true);
    else if (reply.type === 'failed') this.#over('failed', true);
  };

  readonly #onError = (error: Error): void => this.#break(`the searching thread failed: ${error.message}`);

  readonly #onExit = (): void => this.#break('the searching thread was ended');

  #break(detail: string): void {
    if (this.#isOver) return;
    this.#take({ type: 'failed', detail });
    this.#over(this.#killer === undefined ? 'failed' : 'cancelled', false);
  }

  #take(reply: RunReply): void {
    this.#replies.push(reply);
    this.#wake?.();
    this.#wake = undefined;
  }

  #over(outcome: SearchOutcome, isUsable: boolean): void {
    this.#isOver = true;
    clearTimeout(this.#killer);
    this.#worker.off('message', this.#onReply);
    this.#worker.off('exit', this.#onExit);
    this.#worker.off('error', this.#onError);
    this.#onOver(outcome, isUsable);
  }
}

function outcomeOf({ reason }: TaskEnd): SearchOutcome {
  switch (reason) {
    case 'limit':
    case 'time':
    case 'bytes':
      return 'limited';
    case 'complete':
    case 'cancelled':
      break;
  }
  return reason;
}
