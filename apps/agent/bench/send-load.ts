import { Worker } from 'node:worker_threads';
import type { Load, Sent } from './raw-sender.ts';

/** Runs a load on a thread of its own; rejects when it breaks or does not end within a minute of its time. */
export function sendLoad(load: Load): Promise<Sent> {
  const worker = new Worker(new URL('raw-sender.ts', import.meta.url), { workerData: load });
  return new Promise<Sent>((resolve, reject) => {
    const limit = setTimeout(
      () => {
        void worker.terminate();
        reject(new Error(`the load on ${load.url} did not end`));
      },
      (load.seconds + 60) * 1000,
    );
    worker.once('message', (sent: Sent) => {
      clearTimeout(limit);
      resolve(sent);
    });
    worker.once('error', (error) => {
      clearTimeout(limit);
      reject(error);
    });
  });
}
