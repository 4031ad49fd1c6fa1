import type { JournalTask, TaskEnd } from './search-task.ts';

/** Places in the shared memory of a run: the main thread writes, the searching one reads. */
export const FLAG = { cancelled: 0, received: 1 } as const;

/** Pieces of an answer that may be on their way: enough that neither side waits for the other. */
export const PIECES_UNDER_WAY = 4;

/** To the searching thread. `journal` is whatever the entry file needs to find blocks. */
export interface RunRequest<Journal> {
  readonly task: JournalTask;
  readonly journal: Journal;
  readonly flags: SharedArrayBuffer;
}

export type RunReply =
  | { readonly type: 'piece'; readonly bytes: Uint8Array }
  | { readonly type: 'end'; readonly end: TaskEnd }
  | { readonly type: 'failed'; readonly detail: string };

export function newFlags(): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * Object.keys(FLAG).length);
}
