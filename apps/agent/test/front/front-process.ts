/** Runs a front on its own, for tests that kill it. Prints its URL, then one line of counts for every line on stdin. */
import { createInterface } from 'node:readline';
import { startFront } from './front.ts';

const [dir] = process.argv.slice(2);
if (dir === undefined) throw new Error('usage: front-process.ts DIR');
const front = await startFront({ dir, now: () => Date.now() });
process.stdout.write(`${front.url}\n`);
for await (const _ of createInterface({ input: process.stdin })) {
  const { hasCaughtUp } = front.replay;
  process.stdout.write(`${JSON.stringify({ hasCaughtUp, ...front.tally.counters })}\n`);
}
await front.close();
