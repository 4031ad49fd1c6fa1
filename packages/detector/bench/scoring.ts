/**
 * Cost of scoring and learning: one source with its two series, second by second (goal P5: at most 1 µs a series a second). CPU time of
 * this process, collector included, so that what else runs on the machine does not count.
 * Run: node packages/detector/bench/scoring.ts
 */
import { SourceWatch } from '../src/index.ts';
import { EIGHT_SERVICES, Traffic } from '../src/testing/index.ts';

const SECONDS = 200_000;
const SERIES = 2;
const ROUNDS = 5;
const START = Date.UTC(2026, 2, 2) / 1000;

for (const rhythm of [EIGHT_SERVICES[0], EIGHT_SERVICES.at(-1)!]) {
  const traffic = new Traffic(rhythm, { seed: 1, reference: START });
  const frames = Array.from({ length: SECONDS }, (_, i) => traffic.frame(START + i));
  const costs = Array.from({ length: ROUNDS }, () => {
    const watch = new SourceWatch({ sensitivity: 'medium', timeZone: rhythm.timeZone });
    const from = process.cpuUsage();
    for (let i = 0; i < SECONDS; i++) watch.observe(START + i, frames[i]);
    const { user, system } = process.cpuUsage(from);
    return (user + system) / SECONDS / SERIES;
  }).toSorted((a, b) => a - b);
  const watch = new SourceWatch({ sensitivity: 'medium', timeZone: rhythm.timeZone });
  const line = {
    service: rhythm.service,
    microseconds_a_series_a_second: Number(costs[Math.floor(ROUNDS / 2)]!.toFixed(3)),
  };
  process.stdout.write(`${JSON.stringify({ ...line, state_bytes: watch.snapshot().length })}\n`);
}
