/** The writer on a thread of its own: what it does is in segment-writer.ts, this only carries messages. */
import { randomBytes } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import type { BlockPlan } from './group.ts';
import { writerFiles } from './journal-files.ts';
import { type CommitOutcome, SegmentWriter, type WriterSettings } from './segment-writer.ts';

export type WriterRequest =
  | { readonly type: 'open' | 'close' }
  | { readonly type: 'commit'; readonly memory: SharedArrayBuffer; readonly blocks: readonly BlockPlan[] };

export interface WriterReply {
  readonly memory?: SharedArrayBuffer;
  readonly outcome?: CommitOutcome;
}

const settings: WriterSettings = workerData;
const writer = new SegmentWriter(settings, writerFiles, randomBytes);

async function replyTo(request: WriterRequest): Promise<WriterReply> {
  switch (request.type) {
    case 'open':
      return { outcome: await writer.open() };
    case 'commit':
      return writer.commit(request.memory, request.blocks);
    case 'close':
      await writer.close();
  }
  return {};
}

parentPort?.on('message', (request: WriterRequest) => {
  // A rejection is our mistake: it ends this thread, and whoever waits for it is told.
  void replyTo(request).then((reply) => parentPort?.postMessage(reply, []));
});
