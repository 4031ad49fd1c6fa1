/**
 * `npm run bench -- [--json] [--seconds N]`: the figures of the front, measured on this machine: what the agent does
 * with everything on, and in the same run what node:http and the scan alone would allow. Ratios within one run say
 * more than figures between machines.
 */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { startAgentTarget } from './agent-target.ts';
import { logBatch } from './log-batches.ts';
import type { Load, Sent } from './raw-sender.ts';
import { measureScan } from './scan-limit.ts';
import { sendLoad } from './send-load.ts';
import { ServerProcess } from './server-process.ts';

/** P1: batches of 1,000; 128 of them hold 128,000 distinct messages. */
const BATCHED = { path: '/v1/ingest', connections: 16, eventsPerBatch: 1000, batches: 128 } as const;
/** P2: one event a request. */
const SINGLE = { path: '/v1/ingest', connections: 1000, eventsPerBatch: 1, batches: 20_000 } as const;

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, seconds: { type: 'string', default: '10' } },
});
const seconds = Number(options.seconds);
if (!(seconds >= 1)) throw new Error(`--seconds ${options.seconds}: give the length of each measurement, 1 or more`);

const figures: Record<string, number | undefined> = {};
progress('scan alone');
const scan = measureScan(
  Array.from({ length: BATCHED.batches }, (_, number) => logBatch(number, BATCHED.eventsPerBatch)),
  Math.min(5, seconds),
);
figures['scan_events_per_second'] = scan.scanEventsPerSecond;
figures['json_parse_events_per_second'] = scan.parseEventsPerSecond;

progress('node:http alone');
const discard = await ServerProcess.start('discard-server.ts', []);
const discardedBatches = await measured(discard.url, '', BATCHED, Math.min(5, seconds));
const discardedSingles = await measured(discard.url, '', SINGLE, Math.min(5, seconds));
await discard.stop();
figures['discard_events_per_second'] = discardedBatches.events / discardedBatches.seconds;
figures['discard_requests_per_second'] = discardedSingles.requests / discardedSingles.seconds;

progress('agent');
const agent = await startAgentTarget();
try {
  // The first second is the compiler's.
  const warm = await measured(agent.url, agent.key, BATCHED, 1);
  progress('agent: batches of 1,000 (P1)');
  const batches = await measured(agent.url, agent.key, BATCHED, seconds);
  progress('agent: single events (P2)');
  const singles = await measured(agent.url, agent.key, SINGLE, seconds);
  const sent = warm.events + batches.events + singles.events;
  const accepted = await agent.acceptedEvents();
  Object.assign(figures, {
    p1_events_per_second: batches.events / batches.seconds,
    p1_ack_p50_ms: batches.p50Ms,
    p1_ack_p99_ms: batches.p99Ms,
    p2_requests_per_second: singles.requests / singles.seconds,
    p2_ack_p50_ms: singles.p50Ms,
    p2_ack_p99_ms: singles.p99Ms,
    failed_requests: batches.failures + singles.failures,
    peak_memory_mb: agent.peakMemoryMb(),
    // Conservation: what was acknowledged is what was counted, to the event.
    acknowledged_events: sent,
    counted_events: accepted,
  });
} finally {
  await agent.stop();
}

const report = {
  figures: rounded(figures),
  ratios: rounded({
    p1_of_scan: ratio('p1_events_per_second', 'scan_events_per_second'),
    p1_of_discard: ratio('p1_events_per_second', 'discard_events_per_second'),
    p1_of_json_parse: ratio('p1_events_per_second', 'json_parse_events_per_second'),
    p2_of_discard: ratio('p2_requests_per_second', 'discard_requests_per_second'),
  }),
  machine: {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memory_gb: Math.round(totalmem() / 2 ** 30),
    platform: process.platform,
  },
  seconds,
  commit: commitOfThisTree(),
  node: process.version,
  at: new Date().toISOString(),
};
if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
else {
  const rows = { ...report.figures, ...report.ratios };
  for (const [name, value] of Object.entries(rows)) process.stdout.write(`${name.padEnd(32)} ${display(value)}\n`);
  const { cpu, cores, memory_gb: memory } = report.machine;
  process.stdout.write(`\n${cores} × ${cpu}, ${memory} GB, Node ${report.node}, ${report.commit}, ${report.at}\n`);
}

function measured(
  url: string,
  key: string,
  load: Omit<Load, 'url' | 'key' | 'seconds'>,
  length: number,
): Promise<Sent> {
  return sendLoad({ ...load, url, key, seconds: length });
}

function ratio(above: string, below: string): number | undefined {
  const [a, b] = [figures[above], figures[below]];
  return a === undefined || b === undefined ? undefined : a / b;
}

function rounded(values: Record<string, number | undefined>): Record<string, number | null> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value === undefined ? null : shortened(value)]),
  );
}

/** Four digits of what was measured; counts stay exact. */
function shortened(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(4));
}

function display(value: number | null): string {
  return value === null ? 'not known here' : value.toLocaleString('en-US', { maximumFractionDigits: 3 });
}

function commitOfThisTree(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], {
      encoding: 'utf8',
      cwd: import.meta.dirname,
    }).trim();
  } catch {
    return 'unknown';
  }
}

function progress(step: string): void {
  process.stderr.write(`bench: ${step}\n`);
}
