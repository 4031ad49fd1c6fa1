import { Worker } from 'node:worker_threads';
import type { BlockPlan } from './group.ts';
import type { CommitOutcome, GroupWriter, WriterSettings } from './segment-writer.ts';
import type { WriterReply, WriterRequest } from './segment-writer-thread.ts';

/**
 * Runs a SegmentWriter on a thread of its own: compression, encryption and the disk cost the main thread nothing. One
 * request is under way at a time. The memory of a group is handed over and comes back with the reply; it is not copied.
 */
export class ThreadedWriter implements GroupWriter {
  readonly #worker: Worker;
  #waiting: PromiseWithResolvers<WriterReply> | undefined;
  #fault: Error | undefined;

  constructor(settings: WriterSettings) {
    this.#worker = new Worker(new URL('segment-writer-thread.ts', import.meta.url), { workerData: settings });
    this.#worker.on('message', (reply: WriterReply) => this.#take()?.resolve(reply));
    this.#worker.on('error', (error: Error) => this.#break(error));
    this.#worker.on('exit', (code) => this.#break(new Error(`the journal's writer thread ended with code ${code}`)));
  }

  async open(): Promise<CommitOutcome> {
    return outcomeOf(await this.#ask({ type: 'open' }));
  }

  async commit(memory: ArrayBuffer, blocks: readonly BlockPlan[]) {
    const reply = await this.#ask({ type: 'commit', memory, blocks }, [memory]);
    return { memory: reply.memory ?? memory, outcome: outcomeOf(reply) };
  }

  /** Ends the thread whatever state it is in. */
  async close(): Promise<void> {
    try {
      if (this.#fault === undefined) await this.#ask({ type: 'close' });
    } finally {
      await this.#worker.terminate();
    }
  }

  #ask(request: WriterRequest, transfer: ArrayBuffer[] = []): Promise<WriterReply> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    this.#waiting = Promise.withResolvers<WriterReply>();
    this.#worker.postMessage(request, transfer);
    return this.#waiting.promise;
  }

  #break(error: Error): void {
    this.#fault ??= error;
    this.#take()?.reject(this.#fault);
  }

  #take(): PromiseWithResolvers<WriterReply> | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }
}

function outcomeOf({ outcome }: WriterReply): CommitOutcome {
  if (outcome === undefined) throw new Error("the journal's writer thread gave an answer to another question");
  return outcome;
}
