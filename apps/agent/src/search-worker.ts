/** A thread that searches the journal; agent.ts hands its URL to the SearchDesk. */
import { flushCompileCache } from 'node:module';
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { journalTools } from './journal-tools.ts';
import { serveTasks } from './search/search-thread.ts';

/** Of other threads, those that take and count logs come first; 0 is usual, 19 is last. */
const NICENESS = 10;

if (parentPort === null) throw new Error('search-worker.ts runs as a worker thread');
// On Linux process 0 means this very thread. Elsewhere it would slow the whole agent.
if (process.platform === 'linux') setPriority(0, NICENESS);

serveTasks(parentPort, journalTools, {
  now: () => performance.now(),
  cpuMs: () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  },
  compress: (bytes) => gzipSync(bytes, { level: 1 }),
});
// For the next thread: this one may never end in order.
flushCompileCache();
