import { type SearchAggregate, type SearchHit, SearchLineSchema, type SearchRequestInput } from '@sentinellog/shared';
import { type Command, InvalidArgumentError } from 'commander';
import { addAgentOptions, type AgentOptions, findAgent } from './agent-client.ts';
import { CliError } from './cli-error.ts';
import { instantText } from './instant-text.ts';
import { printable } from './printable.ts';
import { ProgressLine } from './progress-line.ts';
import { tableOf } from './table.ts';

interface SearchOptions extends AgentOptions {
  readonly from?: string;
  readonly to?: string;
  readonly source?: string[];
  readonly regex?: boolean;
  readonly limit: number;
  readonly order: 'newest' | 'oldest';
  readonly count?: boolean;
  readonly by?: string;
  readonly step?: string;
  readonly maxSeconds: number;
  readonly json?: boolean;
}

export function register(program: Command): void {
  addAgentOptions(program.command('search'))
    .description('search the raw log of a running agent')
    .argument('[query]', 'words, "phrases", /patterns/, field:value, NOT, OR; everything when absent')
    .option('--from <time>', 'ISO 8601, ms since the epoch, or ago: 15m, 2h, 7d (default: 1h)')
    .option('--to <time>', 'the same (default: now)')
    .option('--source <name...>', 'only these services')
    .option('--regex', 'the query is one pattern (RE2), without slashes')
    .option('--limit <n>', 'lines at most', wholeNumber, 100)
    .option('--order <order>', 'newest or oldest first', orderOf, 'newest')
    .option('--count', 'count what matches instead of showing it')
    .option('--by <field>', 'count by the values of a field')
    .option('--step <step>', 'count by steps of time: 1s, 1m, 1h …')
    .option('--max-seconds <n>', 'give up after this long', wholeNumber, 60)
    .option('--json', 'print the answer as it comes, one JSON object a line')
    .addHelpText(
      'after',
      `
Examples:
  sentinellog search 'connection refused' --from 2h
  sentinellog search 'level:error NOT service:gateway http.status:>=500' --by service
  sentinellog search --regex 'timeout after [0-9]{4,}ms' --from 7d --count --step 1h
Exit code 0: something matched; 2: nothing did; 1: anything else. A search that was cut short says so.`,
    )
    .action(search);
}

async function search(query: string | undefined, options: SearchOptions): Promise<void> {
  const agent = await findAgent(options);
  const isCounting = options.count === true || options.by !== undefined || options.step !== undefined;
  const request: SearchRequestInput = {
    query: options.regex === true ? `/${(query ?? '').replaceAll('/', String.raw`\/`)}/` : (query ?? ''),
    order: options.order,
    limit: isCounting ? 0 : options.limit,
    fields: options.json === true,
    max_seconds: options.maxSeconds,
    ...(options.from !== undefined && { from: instantText(options.from, '--from', Date.now()) }),
    ...(options.to !== undefined && { to: instantText(options.to, '--to', Date.now()) }),
    ...(options.source !== undefined && { sources: options.source }),
    ...(options.by !== undefined && { by: options.by }),
    ...(options.step !== undefined && { step: options.step }),
  };
  const progress = new ProgressLine(process.stderr, options.json !== true);
  let isDone = false;
  for await (const line of agent.postForLines('/v1/search', request, SearchLineSchema)) {
    if (options.json === true) {
      process.stdout.write(`${JSON.stringify(line)}\n`);
    }
    switch (line.type) {
      case 'hit':
        if (options.json !== true) progress.above(() => process.stdout.write(hitLine(line)));
        break;
      case 'progress':
        progress.show(line.fraction, `${sizeOf(line.searched_bytes)} searched, ${line.matched} found`);
        break;
      case 'aggregate':
        if (options.json !== true && line.final) progress.above(() => process.stdout.write(countText(line)));
        break;
      case 'failed':
        progress.clear();
        throw new CliError(`the search broke off: ${printable(line.detail)}`);
      case 'done': {
        isDone = true;
        progress.clear();
        const { matched, reason, damaged_blocks: damaged, elapsed_ms: elapsed, searched_bytes: searched } = line;
        if (options.json !== true) {
          const more = reason === 'complete' ? '' : `; ended by its limit of ${CUTS[reason]}`;
          const lost = damaged === 0 ? '' : `; ${damaged} damaged blocks could not be read`;
          const text = `${matched} found in ${sizeOf(searched)} of log text, ${(elapsed / 1000).toFixed(1)} s${more}${lost}\n`;
          process.stderr.write(text);
        }
        process.exitCode = matched > 0 ? 0 : 2;
      }
    }
  }
  if (!isDone) throw new CliError('the answer ended before it was whole: ask again');
}

const CUTS = { limit: 'lines (--limit)', time: 'time (--max-seconds)', bytes: 'bytes', cancelled: 'patience' } as const;

function hitLine({ at_ms, service, level, message }: SearchHit): string {
  const time = new Date(at_ms).toISOString();
  return `${time} ${printable(service)} ${level.toUpperCase().padEnd(5)} ${printable(message)}\n`;
}

function countText({ total, by_time: byTime, by, by_value: byValue, ...rest }: SearchAggregate): string {
  const parts: string[] = [];
  if (byTime !== undefined) {
    const rows = byTime.map(({ at_ms, count }) => [
      new Date(at_ms).toISOString().replace(/\.\d+Z$/, 'Z'),
      String(count),
    ]);
    parts.push(tableOf(['TIME', 'EVENTS'], rows));
  }
  if (by !== undefined && byValue !== undefined) {
    const rows = byValue.map(({ value, count }) => [value, String(count)]);
    if ((rest.other_values ?? 0) > 0) rows.push(['(other values)', String(rest.other_values)]);
    if ((rest.without_field ?? 0) > 0) rows.push(['(without it)', String(rest.without_field)]);
    parts.push(tableOf([by.toUpperCase(), 'EVENTS'], rows));
  }
  return [...parts, `${total}\n`].filter((part) => part !== '').join('\n');
}

function sizeOf(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('expected a whole number from 1 on');
  return Number(text);
}

function orderOf(text: string): 'newest' | 'oldest' {
  if (text !== 'newest' && text !== 'oldest') throw new InvalidArgumentError('expected newest or oldest');
  return text;
}
