import { logBatch } from '../log-batches.ts';
import { measureScan } from '../scan-limit.ts';
import { type Bench, type Figures, loadOn } from '../section.ts';
import { ServerProcess } from '../server-process.ts';
import { BATCHED } from './p1-batches.ts';
import { SINGLE } from './p2-singles.ts';

/** What the scan alone and node:http alone would allow, so that every figure of the agent is a ratio in one run. */
export async function measureLimits({ seconds, progress }: Bench): Promise<Figures> {
  progress('limits: scan alone');
  const batches = Array.from({ length: BATCHED.batches }, (_, at) => logBatch(at, BATCHED.eventsPerBatch));
  const scan = measureScan(batches, Math.min(5, seconds));
  progress('limits: node:http alone');
  const discard = await ServerProcess.start('discard-server.ts', []);
  try {
    const target = { url: discard.url, key: '' };
    const discarded = await loadOn(target, BATCHED, Math.min(5, seconds));
    const singles = await loadOn(target, SINGLE, Math.min(5, seconds));
    return {
      scan_events_per_second: scan.scanEventsPerSecond,
      look_events_per_second: scan.lookEventsPerSecond,
      json_parse_events_per_second: scan.parseEventsPerSecond,
      discard_events_per_second: discarded.events / discarded.seconds,
      discard_requests_per_second: singles.requests / singles.seconds,
    };
  } finally {
    await discard.stop();
  }
}
