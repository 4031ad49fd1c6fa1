import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseStepSeconds } from '@sentinellog/shared';
import type { Command } from 'commander';
import { z } from 'zod';
import type { Pace } from '../simulate/event-clock.ts';
import { lastSeenMs } from '../simulate/resume-point.ts';
import { runSimulation, type SimulationSummary } from '../simulate/run-simulation.ts';
import { DEMO, type PlannedScenario } from '../simulate/scenario-schedule.ts';
import { SCENARIO_NAMES, SCENARIOS } from '../simulate/scenarios.ts';
import { SimulationError } from '../simulate/simulation-error.ts';
import { simulationReport } from '../simulate/simulation-report.ts';
import { CliError } from './cli-error.ts';

const MAX_RATE = 1000;
const DEMO_HISTORY = '24h';
/** What `--once` sends when it is not told how much history. */
const ONCE_SECONDS = 60;

const AgentFileSchema = z.object({ url: z.url() });
const CredentialsSchema = z.object({ ingestKey: z.string(), adminToken: z.string().optional() });

interface Options {
  readonly url?: string;
  readonly key?: string;
  readonly dataDir?: string;
  readonly seed: string;
  readonly rate: string;
  readonly history?: string;
  readonly from?: string;
  readonly speed?: string;
  readonly duration?: string;
  readonly scenario: readonly string[];
  readonly demo?: boolean;
  readonly once?: boolean;
  readonly listScenarios?: boolean;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command('simulate')
    .description('send the traffic of a small web shop (nine services) to an agent, over its HTTP API')
    .option('--url <url>', 'the agent (default: from --data-dir)')
    .option('--key <key>', 'an ingest key of the agent (default: from --data-dir)')
    .option('--data-dir <dir>', 'data folder of an agent on this machine: its URL and key are read there')
    .option('--seed <n>', 'the same seed gives the same traffic', '1')
    .option('--rate <factor>', 'multiplies every rate; 1 is about 22 lines a second in all', '1')
    .option('--history <24h|7d|…>', 'first send so much of the past, as fast as the agent takes it, then go on live')
    .option('--from <time>', 'let event time begin at an ISO 8601 time instead of now')
    .option('--speed <1|60|max>', 'with --from: how fast event time goes by (default: 1)')
    .option('--duration <30m|…>', 'end after so much event time (live: from now)')
    .option(
      '--scenario <name[@when]>',
      'run a scenario, at once, after @90s, or @2026-01-05T08:00:00Z; repeatable',
      collect,
      [],
    )
    .option('--once', 'send what is due (the history, or the last minute) and end')
    .option('--demo', `a day of history, then live, with a cascade after 90 s and something every ten minutes`)
    .option('--list-scenarios', 'say what the scenarios do, and end')
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', '\nExample: sentinellog simulate --data-dir .data --history 24h --scenario cascade@90s')
    .action(async (options: Options) => {
      if (options.listScenarios) return listScenarios(options.json === true);
      const stop = new AbortController();
      // The second Ctrl-C finds no listener any more and ends the process at once.
      process.once('SIGINT', () => stop.abort());
      process.once('SIGTERM', () => stop.abort());
      try {
        printSummary(await simulate(options, stop.signal), options.json === true);
      } catch (error) {
        throw error instanceof SimulationError ? new CliError(error.message, { cause: error }) : error;
      }
    });
}

async function simulate(options: Options, signal: AbortSignal): Promise<SimulationSummary> {
  const nowMs = Date.now();
  const { url, key, adminToken } = await findAgent(options);
  const timeline = timelineOf(options, nowMs);
  // History that the agent has from an earlier run is not sent again.
  const seenMs = timeline.resumes && adminToken !== undefined ? await lastSeenMs(url, adminToken, fetch) : null;
  const { stderr } = process;
  return runSimulation(
    {
      url,
      key,
      seed: number('--seed', options.seed, { min: 0, max: 2 ** 32 - 1, whole: true }),
      rate: number('--rate', options.rate, { min: 0.001, max: MAX_RATE, whole: false }),
      fromMs: Math.min(nowMs, Math.max(timeline.fromMs, (seenMs ?? 0) + 1000)),
      untilMs: timeline.untilMs,
      pace: timeline.pace,
      scenarios: [...(options.demo ? DEMO : []), ...options.scenario.map(plannedScenario)],
      runId: `simulate-${randomUUID()}`,
      report: simulationReport({ isTTY: stderr.isTTY, write: (text) => stderr.write(text) }),
      now: Date.now,
      sleep,
      fetch,
    },
    signal,
  );
}

interface Timeline {
  readonly fromMs: number;
  readonly untilMs: number | null;
  readonly pace: Pace;
  /** It reaches into the past of the present, where an earlier run may have been. */
  readonly resumes: boolean;
}

function timelineOf(options: Options, nowMs: number): Timeline {
  const durationMs = options.duration === undefined ? undefined : milliseconds('--duration', options.duration);
  if (options.from !== undefined) {
    if (options.history !== undefined || options.demo)
      throw new CliError('--from does not go with --history or --demo');
    return fixedTimeline(options.from, options.speed ?? '1', durationMs, nowMs);
  }
  if (options.speed !== undefined && options.speed !== '1')
    throw new CliError('--speed needs --from: the present goes by at its own speed');
  const history = options.history ?? (options.demo ? DEMO_HISTORY : undefined);
  const historyMs = history !== undefined ? milliseconds('--history', history) : options.once ? ONCE_SECONDS * 1000 : 0;
  const untilMs = options.once ? nowMs : durationMs !== undefined ? nowMs + durationMs : null;
  return { fromMs: nowMs - historyMs, untilMs, pace: { type: 'present' }, resumes: history !== undefined };
}

function fixedTimeline(from: string, speed: string, durationMs: number | undefined, nowMs: number): Timeline {
  const fromMs = instant('--from', from);
  if (speed !== 'max') {
    const pace: Pace = { type: 'paced', speed: number('--speed', speed, { min: 0.1, max: 100_000, whole: false }) };
    return { fromMs, untilMs: durationMs === undefined ? null : fromMs + durationMs, pace, resumes: false };
  }
  const untilMs = durationMs === undefined ? nowMs : fromMs + durationMs;
  if (untilMs <= fromMs) throw new CliError('--speed max from a time in the future needs --duration');
  return { fromMs, untilMs, pace: { type: 'max' }, resumes: false };
}

async function findAgent({
  url,
  key,
  dataDir,
}: Options): Promise<{ url: string; key: string; adminToken: string | undefined }> {
  if (url !== undefined && !/^https?:\/\//.test(url))
    throw new CliError(`--url takes an http or https URL, not "${url}"`);
  const agent =
    url === undefined && dataDir !== undefined
      ? await readJson(join(dataDir, 'agent.json'), AgentFileSchema)
      : undefined;
  // A key that was given wins; the credentials beside the data may still tell where an earlier run got to.
  const credentials =
    dataDir === undefined ? undefined : await readJson(join(dataDir, 'credentials.json'), CredentialsSchema);
  const found = key ?? credentials?.ingestKey;
  if (found === undefined) throw new CliError('no ingest key: pass --key, or --data-dir of an agent on this machine');
  const address = url ?? agent?.url;
  if (address === undefined) throw new CliError('no agent: pass its --url, or --data-dir of an agent on this machine');
  return { url: address, key: found, adminToken: credentials?.adminToken };
}

async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`cannot read ${file} (${reason}): has the agent been started on this data folder?`, {
      cause: error,
    });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success)
    throw new CliError(`${file} is not what the agent writes: ${parsed.error.issues[0]?.message ?? ''}`);
  return parsed.data;
}

function plannedScenario(text: string): PlannedScenario {
  const [wanted = '', when] = text.split('@', 2);
  const name = SCENARIO_NAMES.find((each) => each === wanted);
  if (!name) throw new CliError(`there is no scenario "${wanted}": choose of ${SCENARIO_NAMES.join(', ')}`);
  if (when === undefined) return { name, start: { type: 'offset', seconds: 0 } };
  const seconds = when === '0' ? 0 : parseStepSeconds(when);
  if (seconds !== undefined) return { name, start: { type: 'offset', seconds } };
  return { name, start: { type: 'instant', unixSecond: Math.floor(instant('--scenario', when) / 1000) } };
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

function number(name: string, text: string, { min, max, whole }: { min: number; max: number; whole: boolean }): number {
  const value = Number(text);
  const fits = text.trim() !== '' && value >= min && value <= max && (!whole || Number.isInteger(value));
  if (!fits) throw new CliError(`${name} takes a ${whole ? 'whole ' : ''}number from ${min} to ${max}, not "${text}"`);
  return value;
}

function milliseconds(name: string, text: string): number {
  const seconds = parseStepSeconds(text);
  if (seconds === undefined) throw new CliError(`${name} takes a duration such as 90s, 30m, 24h or 7d, not "${text}"`);
  return seconds * 1000;
}

function instant(name: string, text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms))
    throw new CliError(`${name} takes an ISO 8601 time such as 2026-01-05T08:00:00Z, not "${text}"`);
  return ms;
}

/** Ends early, and not as a failure, when the run is stopped. */
async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function listScenarios(json: boolean): void {
  const listed = SCENARIO_NAMES.map((name) => ({
    name,
    harmless: SCENARIOS[name].harmless,
    sentence: SCENARIOS[name].sentence,
  }));
  const lines = listed.map(
    ({ name, harmless, sentence }) => `${name.padEnd(15)} ${sentence}${harmless ? ' (harmless)' : ''}`,
  );
  process.stdout.write(json ? `${JSON.stringify(listed)}\n` : `${lines.join('\n')}\n`);
}

function printSummary(summary: SimulationSummary, json: boolean): void {
  const { sent, accepted, rejected, unanswered, retries, lines_per_second: rate, from, until } = summary;
  const unknown = unanswered > 0 ? `, ${unanswered} unanswered` : '';
  process.stdout.write(
    json
      ? `${JSON.stringify(summary)}\n`
      : `sent ${sent} lines of ${from} to ${until}: ${accepted} accepted, ${rejected} rejected${unknown}; ${retries} retries, ${rate} lines/s\n`,
  );
}
