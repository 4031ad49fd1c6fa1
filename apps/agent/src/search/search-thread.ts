import type { MessagePort } from 'node:worker_threads';
import { runTask, type TaskTools } from './run-task.ts';
import { FLAG, PIECES_UNDER_WAY, type RunReply, type RunRequest } from './thread-protocol.ts';

/** A reader that takes nothing for so long is gone, or holds a thread that others wait for. */
const MAX_STALL_MS = 60_000;

/** How blocks, records and events of a journal are read for a tenant. */
type ToolsFor<Journal> = (journal: Journal, tenant: string) => JournalTools;
type JournalTools = Pick<TaskTools, 'blocks' | 'records' | 'reader'>;

/** The other end of TaskRun: takes requests on the port and runs one after the other. */
export function serveTasks<Journal>(
  port: MessagePort,
  toolsFor: ToolsFor<Journal>,
  machine: Pick<TaskTools, 'now' | 'cpuMs' | 'compress'>,
): void {
  port.on('message', (request: RunRequest<Journal>) => {
    void serve(request, port, { ...machine, ...toolsFor(request.journal, request.task.tenant) }).then((reply) =>
      port.postMessage(reply, []),
    );
  });
}

async function serve<Journal>(
  { task, flags: memory }: RunRequest<Journal>,
  port: MessagePort,
  tools: Omit<TaskTools, 'isCancelled' | 'send'>,
): Promise<RunReply> {
  const flags = new Int32Array(memory);
  const isCancelled = () => Atomics.load(flags, FLAG.cancelled) === 1;
  let sent = 0;
  const send = async (bytes: Uint8Array): Promise<void> => {
    // A copy of its own: buffers share memory with others, which cannot be given away.
    const piece = new Uint8Array(bytes);
    port.postMessage({ type: 'piece', bytes: piece } satisfies RunReply, [piece.buffer]);
    sent++;
    for (;;) {
      const received = Atomics.load(flags, FLAG.received);
      if (sent - received < PIECES_UNDER_WAY || isCancelled()) return;
      const woken = await Atomics.waitAsync(flags, FLAG.received, received, MAX_STALL_MS).value;
      if (woken === 'timed-out') throw new Error(`nobody has taken the answer for ${MAX_STALL_MS / 1000} s`);
    }
  };
  try {
    return { type: 'end', end: await runTask(task, { ...tools, isCancelled, send }) };
  } catch (error) {
    return { type: 'failed', detail: error instanceof Error ? error.message : String(error) };
  }
}
