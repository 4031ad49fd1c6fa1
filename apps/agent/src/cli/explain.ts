import {
  type ExplainMessage,
  ExplainMessageSchema,
  type ExplainRow,
  parseInstantMs,
  parseStepSeconds,
} from '@sentinellog/shared';
import { type Command, Option } from 'commander';
import { type AgentOptions, addAgentOptions, findAgent } from './agent-client.ts';
import { CliError } from './cli-error.ts';
import { printable } from './printable.ts';
import { tableOf, timeOf } from './table.ts';

/** Another cluster's counts are brought by the console, which knows both. */
const BASELINES = ['same_slot', 'before', 'other_range'] as const;

type ExplainOptions = AgentOptions & {
  readonly from: string;
  readonly to?: string;
  readonly source?: readonly string[];
  readonly against: (typeof BASELINES)[number];
  readonly otherFrom?: string;
  readonly otherTo?: string;
  readonly order: string;
  readonly limit: string;
  readonly json?: boolean;
};

export function register(program: Command): void {
  addAgentOptions(program.command('explain'))
    .description('what a stretch of time is made of, compared with the same time of past weeks')
    .option('--from <time>', 'ISO 8601, milliseconds since the epoch, or so long ago: 15m, 2h', '15m')
    .option('--to <time>', 'likewise (default: now)')
    .option('--source <source...>', 'only of these services, by name or id')
    .addOption(new Option('--against <what>', 'what to compare with').choices(BASELINES).default('same_slot'))
    .option('--other-from <time>', 'with --against other_range: its start')
    .option('--other-to <time>', 'with --against other_range: its end')
    .addOption(new Option('--order <order>', 'what comes first').choices(['biggest', 'rarest']).default('biggest'))
    .option('--limit <n>', 'at most so many rows', '15')
    .option('--json', 'print what the agent streams, one JSON object a line')
    .addHelpText('after', '\nExample: sentinellog explain --from 2026-03-02T14:00Z --to 2026-03-02T14:15Z --source api')
    .action(explain);
}

async function explain(options: ExplainOptions): Promise<void> {
  const { source, order, limit, json } = options;
  const agent = await findAgent(options);
  const nowMs = Date.now();
  const answer = agent.postForLines(
    '/v1/ranges:explain',
    {
      from: instantOf(options.from, '--from', nowMs),
      to: options.to === undefined ? nowMs : instantOf(options.to, '--to', nowMs),
      ...(source !== undefined && { sources: source }),
      against: againstOf(options, nowMs),
      order,
      limit: Number(limit),
    },
    ExplainMessageSchema,
  );
  const messages: ExplainMessage[] = [];
  for await (const message of answer) messages.push(message);
  const lines = json ? messages.map((message) => JSON.stringify(message)) : [pageOf(messages)];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** For people: what it comes to in a sentence, the rows in their last order, and what no row holds. */
export function pageOf(messages: readonly ExplainMessage[]): string {
  const summary = messages.find((message) => message.type === 'summary');
  const remainder = messages.find((message) => message.type === 'remainder');
  const last = messages.findLast((message) => message.type === 'done');
  if (summary === undefined || remainder === undefined || last === undefined)
    throw new CliError('the answer ended before it was complete: ask again');
  const rows = new Map<string, { readonly rank: number; readonly row: ExplainRow }>();
  for (const message of messages) if (message.type === 'row') rows.set(message.row.cluster_id, message);
  const ordered = [...rows.values()].toSorted((a, b) => a.rank - b.rank).map(({ row }) => row);
  const { total, expected, excess, baseline, from_ms, to_ms } = summary;
  const cells = ordered.map((row) => [
    row.status === 'steady' ? '' : row.status.toUpperCase(),
    numberOf(row.count),
    numberOf(row.expected),
    signed(row.excess),
    worstLevelOf(row),
    row.services.length === 1 ? row.services[0].service : `${row.services.length} services`,
    row.name,
    row.samples[0]?.message.split('\n', 1)[0].slice(0, 80) ?? row.templates[0]?.text.slice(0, 80) ?? '',
  ]);
  const rest =
    remainder.clusters === 0
      ? 'no other clusters'
      : `and ${remainder.clusters} more clusters: ${numberOf(remainder.count)} events, ${numberOf(remainder.expected)} expected: --limit`;
  return [
    `${timeOf(from_ms)} to ${timeOf(to_ms)}: ${numberOf(total)} events, ${numberOf(expected)} expected (${signed(excess)})`,
    `compared with ${printable(baseline.words)}`,
    headlineOf(ordered, excess),
    '',
    cells.length === 0
      ? 'no events'
      : tableOf(['', 'NOW', 'EXPECTED', 'DIFF', 'LEVEL', 'SERVICE', 'WHAT', 'FOR INSTANCE'], cells).trimEnd(),
    rest,
  ].join('\n');
}

/** "2 clusters explain 94 % of 989 more events"; the fewest that come to nine tenths, three at most. */
function headlineOf(rows: readonly ExplainRow[], excess: number): string {
  const sameWay = rows.filter((row) => Math.sign(row.excess) === Math.sign(excess) && row.status !== 'steady');
  if (sameWay.length === 0 || excess === 0) return 'nothing stands out: the same mix as always';
  let sum = 0;
  let used = 0;
  for (const row of sameWay.slice(0, 3)) {
    sum += row.excess;
    used++;
    if (sum / excess >= 0.9) break;
  }
  const share = Math.round((100 * sum) / excess);
  const what = `${numberOf(Math.abs(excess))} ${excess > 0 ? 'more' : 'fewer'} events`;
  // Some of what is more may be made up for by what is less.
  if (share > 100) return `${used === 1 ? '1 cluster makes' : `${used} clusters make`} more than all of the ${what}`;
  return `${used === 1 ? '1 cluster explains' : `${used} clusters explain`} ${share} % of ${what}`;
}

function worstLevelOf({ levels }: ExplainRow): string {
  return (['fatal', 'error', 'warn'] as const).find((level) => levels[level] > 0) ?? '';
}

function againstOf({ against, otherFrom, otherTo }: ExplainOptions, nowMs: number) {
  if (against !== 'other_range') return { kind: against };
  if (otherFrom === undefined || otherTo === undefined)
    throw new CliError('--against other_range needs --other-from and --other-to');
  return {
    kind: against,
    from: instantOf(otherFrom, '--other-from', nowMs),
    to: instantOf(otherTo, '--other-to', nowMs),
  };
}

function instantOf(text: string, option: string, nowMs: number): number {
  const ago = parseStepSeconds(text);
  const ms = ago === undefined ? parseInstantMs(text) : nowMs - ago * 1000;
  if (ms === undefined) throw new CliError(`${option} must be ISO 8601, milliseconds since the epoch, or like 15m`);
  return ms;
}

function numberOf(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 });
}

function signed(value: number): string {
  return value > 0 ? `+${numberOf(value)}` : numberOf(value);
}
