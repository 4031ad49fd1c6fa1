/**
 * `npm run bench -- [--json] [--seconds N] [--only p1,p2,…]`: the goals in numbers, measured on this machine: what the
 * agent does with everything on, and in the same run what node:http and the scan alone would allow. Ratios within one
 * run say more than figures between machines. One file a section in sections/; `SECTIONS` names them all.
 */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { startAgentTarget } from './agent-target.ts';
import type { AgentSection, Bench, Figures } from './section.ts';
import { measureLimits } from './sections/limits.ts';
import { measureBatches } from './sections/p1-batches.ts';
import { measureStart } from './sections/p10-start.ts';
import { measureSingles } from './sections/p2-singles.ts';
import { measureOtlp } from './sections/p3-otlp.ts';
import { measureAlarm } from './sections/p4-alarm.ts';
import { measureMemory } from './sections/p7-memory.ts';
import { measureSearch } from './sections/p8-search.ts';
import { measureExplain } from './sections/p9-explain.ts';

/** In the order in which they run: memory's ten thousand sources come last because they stay. */
const SECTIONS: Readonly<Record<string, AgentSection>> = {
  p1: measureBatches,
  p2: measureSingles,
  p3: measureOtlp,
  p4: measureAlarm,
  p8: measureSearch,
  p9: measureExplain,
  p10: measureStart,
  p7: measureMemory,
};
/** Above the line ÷ below the line. */
const RATIOS = {
  p1_of_scan: ['p1_events_per_second', 'scan_events_per_second'],
  scan_of_look: ['scan_events_per_second', 'look_events_per_second'],
  p1_of_discard: ['p1_events_per_second', 'discard_events_per_second'],
  p1_of_json_parse: ['p1_events_per_second', 'json_parse_events_per_second'],
  p2_of_discard: ['p2_requests_per_second', 'discard_requests_per_second'],
  p3_otlp_of_discard: ['p3_otlp_events_per_second', 'discard_events_per_second'],
} as const;

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '10' },
    only: { type: 'string', default: Object.keys(SECTIONS).join(',') },
  },
});
const seconds = Number(options.seconds);
if (!(seconds >= 1)) throw new Error(`--seconds ${options.seconds}: give the length of each measurement, 1 or more`);
const wanted = options.only.split(',');
const unknown = wanted.filter((name) => !Object.hasOwn(SECTIONS, name));
if (unknown.length > 0) throw new Error(`--only ${unknown.join()}: there are ${Object.keys(SECTIONS).join(', ')}`);

const progress = (step: string): void => void process.stderr.write(`bench: ${step}\n`);
let figures: Figures = {};
const bench = (): Bench => ({ seconds, p1EventsPerSecond: figures['p1_events_per_second'] ?? 0, progress });

figures = await measureLimits(bench());
const agent = await startAgentTarget();
try {
  for (const [name, measure] of Object.entries(SECTIONS)) {
    if (wanted.includes(name)) figures = { ...figures, ...(await measure(bench(), agent)) };
  }
} finally {
  await agent.stop();
}

const report = {
  figures: rounded(figures),
  ratios: rounded(
    Object.fromEntries(Object.entries(RATIOS).map(([name, [above, below]]) => [name, ratio(above, below)])),
  ),
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
  for (const [name, value] of Object.entries(rows)) process.stdout.write(`${name.padEnd(36)} ${display(value)}\n`);
  const { cpu, cores, memory_gb: memory } = report.machine;
  process.stdout.write(`\n${cores} × ${cpu}, ${memory} GB, Node ${report.node}, ${report.commit}, ${report.at}\n`);
}

/** Undefined where one of the two was not measured. */
function ratio(above: string, below: string): number | undefined {
  const [a, b] = [figures[above], figures[below]];
  return a === undefined || b === undefined ? undefined : a / b;
}

function rounded(values: Figures): Record<string, number | null> {
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
