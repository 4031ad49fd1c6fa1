/**
 * Cost of scoring and learning (goal P5: at most 1 µs a series a second; 10,000 sources × 5 signals in at most 50 ms a tick), and what a
 * source weighs. CPU time of this process, collector included, so that what else runs on the machine does not count.
 * Run: node --expose-gc packages/detector/bench/scoring.ts [--sources 10000] [--minutes 16]
 */
import { parseArgs } from 'node:util';
import { SourceWatch } from '../src/index.ts';
import { EIGHT_SERVICES, type ServiceRhythm, Traffic } from '../src/testing/index.ts';

const SECONDS = 200_000;
const SERIES = 2;
const ROUNDS = 5;
const START = Date.UTC(2026, 2, 2) / 1000;
/** Signals, p99, templates, shape: what a source that writes messages and durations is watched for. */
const SIGNALS_A_SOURCE = 5;

const { values: options } = parseArgs({
  options: { sources: { type: 'string', default: '10000' }, minutes: { type: 'string', default: '16' } },
});

for (const rhythm of [EIGHT_SERVICES[0], EIGHT_SERVICES.at(-1)!]) measureOne(rhythm);
measureTicks(Number(options.sources), Number(options.minutes));

function measureOne(rhythm: ServiceRhythm): void {
  const traffic = new Traffic(rhythm, { seed: 1, reference: START });
  const frames = Array.from({ length: SECONDS }, (_, i) => traffic.frame(START + i));
  const costs = Array.from({ length: ROUNDS }, () => {
    const watch = new SourceWatch({ sensitivity: 'medium', timeZone: rhythm.timeZone });
    const from = process.cpuUsage();
    for (let i = 0; i < SECONDS; i++) watch.observe(START + i, frames[i]);
    return (cpuMs(from) * 1000) / SECONDS / SERIES;
  }).toSorted((a, b) => a - b);
  say({ service: rhythm.service, microseconds_a_series_a_second: round(costs[Math.floor(ROUNDS / 2)]) });
}

/** Every source speaks every second; a tick is one second of all of them. */
function measureTicks(sources: number, minutes: number): void {
  // A hundred kinds of traffic for all: the sources' own memory is what is weighed.
  const traffic = Array.from({ length: 100 }, (_, at) => {
    const rhythm = { ...EIGHT_SERVICES[at % 7], speech: { templates: 8, medianMs: 40 } };
    return new Traffic(rhythm, { seed: at, reference: START });
  });
  const before = weightMb();
  const watches = Array.from(
    { length: sources },
    () => new SourceWatch({ sensitivity: 'medium', timeZone: 'Europe/Berlin' }),
  );
  const ticks = { second: [] as number[], minute: [] as number[], five_minutes: [] as number[] };
  for (let second = START; second < START + minutes * 60; second++) {
    const seen = traffic.map((one) => ({ counts: one.frame(second), details: one.details(second) }));
    const from = process.cpuUsage();
    for (const [at, watch] of watches.entries()) {
      const { counts, details } = seen[at % seen.length];
      watch.observe(second, counts, details);
    }
    const kind = second % 300 === 0 ? 'five_minutes' : second % 60 === 0 ? 'minute' : 'second';
    // The first minutes are those of a compiler and of a start.
    if (second >= START + 360) ticks[kind].push(cpuMs(from));
  }
  for (const [kind, costs] of Object.entries(ticks)) {
    const sorted = costs.toSorted((a, b) => a - b);
    say({
      tick_that_ends_a: kind,
      sources,
      signals: sources * SIGNALS_A_SOURCE,
      median_ms: round(sorted[Math.floor(sorted.length / 2)]),
      worst_ms: round(sorted.at(-1) ?? Number.NaN),
    });
  }
  const heldMb = weightMb() - before;
  say({
    kilobytes_a_source: round((heldMb * 1024) / sources),
    kilobytes_a_series: round((heldMb * 1024) / sources / SIGNALS_A_SOURCE),
  });
  say({ state_bytes: watches[0].snapshot().length });
}

function cpuMs(from: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1000;
}

/** What lives, in the heap and beside it. */
function weightMb(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

function round(value: number): number {
  return Number(value.toFixed(3));
}

function say(figures: object): void {
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}
