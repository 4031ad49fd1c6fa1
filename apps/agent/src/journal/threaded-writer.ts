import { Worker } from 'node:worker_threads';
import type { BlockPlan } from './group.ts';
import type { CommitOutcome, GroupWriter, WriterSettings } from './segment-writer.ts';
import type { WriterReply, WriterRequest } from './segment-writer-thread.ts';

/**
 * Runs a SegmentWriter on a thread of its own: compression, encryption and the disk cost the main thread nothing. The
 * memory of a group is shared, not copied: whoever has handed it over leaves it alone until the reply.
 */
export class ThreadedWriter implements GroupWriter {
  readonly #worker: Worker;
  /** In the order of the requests, which is the order of the replies. */
  readonly #waiting: PromiseWithResolvers<WriterReply>[] = [];
  #fault: Error | undefined;

  constructor(settings: WriterSettings) {
    this.#worker = new Worker(new URL('segment-writer-thread.ts', import.meta.url), { workerData: settings });
    this.#worker.on('message', (reply: WriterReply) => this.#waiting.shift()?.resolve(reply));
    this.#worker.on('error', (error: Error) => this.#break(error));
    this.#worker.on('exit', (code) => this.#break(new Error(`the journal's writer thread ended with code ${code}`)));
  }

  async open(): Promise<CommitOutcome> {
    return outcomeOf(await this.#ask({ type: 'open' }));
  }

  async commit(memory: SharedArrayBuffer, blocks: readonly BlockPlan[]) {
    const reply = await this.#ask({ type: 'commit', memory, blocks });
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

  #ask(request: WriterRequest): Promise<WriterReply> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    const reply = Promise.withResolvers<WriterReply>();
    this.#waiting.push(reply);
    this.#worker.postMessage(request, []);
    return reply.promise;
  }

  #break(error: Error): void {
    this.#fault ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#fault);
  }
}

function outcomeOf({ outcome }: WriterReply): CommitOutcome {
  if (outcome === undefined) throw new Error("the journal's writer thread gave an answer to another question");
  return outcome;
}
