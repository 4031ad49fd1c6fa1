/**
 * `npm run chaos -- [--seed N] [--minutes M | --strikes N] [--faults a,b] [--duration SECONDS] [--calm SECONDS]
 * [--senders N] [--batch EVENTS] [--pause MS] [--json]`: the agent under
 * load and faults, judged by an oracle that knows every batch it sent. Prints its schedule first and its findings last;
 * exit code 1 when there are any. The same seed gives the same schedule and the same payloads.
 */
import { parseArgs } from 'node:util';
import { runCampaign } from './campaign.ts';
import { FAULT_NAMES, type FaultName, isFaultName } from './faults.ts';
import { schedule } from './schedule.ts';

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '5' },
    strikes: { type: 'string' },
    faults: { type: 'string', default: FAULT_NAMES.join(',') },
    duration: { type: 'string' },
    calm: { type: 'string' },
    senders: { type: 'string', default: '8' },
    pause: { type: 'string', default: '0' },
    batch: { type: 'string', default: '500' },
    json: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
const seed = numeric('seed', options.seed);
const strikes = schedule({
  seed,
  faults: faultsOf(options.faults),
  minutes: numeric('minutes', options.minutes),
  strikes: options.strikes === undefined ? undefined : numeric('strikes', options.strikes),
  mostCalmMs: options.calm === undefined ? undefined : numeric('calm', options.calm) * 1000,
  durationMs: options.duration === undefined ? undefined : numeric('duration', options.duration) * 1000,
});
const say = (text: string): void => void process.stderr.write(`chaos: ${text}\n`);
say(`seed ${seed}, ${strikes.length} strikes`);
for (const [index, { fault, afterMs, durationMs }] of strikes.entries()) {
  say(`  ${index + 1}. ${fault} after ${afterMs} ms, for ${durationMs} ms`);
}
const stop = new AbortController();
// The second Ctrl-C finds no listener any more and ends the process at once.
process.once('SIGINT', () => stop.abort());
process.once('SIGTERM', () => stop.abort());
const report = await runCampaign({
  signal: stop.signal,
  seed,
  strikes,
  senders: numeric('senders', options.senders),
  eventsPerBatch: numeric('batch', options.batch),
  pauseMs: numeric('pause', options.pause),
  onStep: say,
  onLog: (text) => {
    if (options.verbose) process.stderr.write(text);
  },
});
if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
else for (const [name, value] of Object.entries(report)) process.stdout.write(`${name.padEnd(20)} ${display(value)}\n`);
process.exitCode = report.findings.length === 0 ? 0 : 1;

function numeric(option: string, text: string): number {
  const value = Number(text);
  if (!(value >= 0)) throw new Error(`--${option} ${text}: give a number`);
  return value;
}

function faultsOf(text: string): FaultName[] {
  return text.split(',').map((name) => {
    if (isFaultName(name)) return name;
    throw new Error(`--faults ${name}: there are ${FAULT_NAMES.join(', ')}`);
  });
}

function display(value: number | object): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
