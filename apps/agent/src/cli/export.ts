import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { EXPORT_DAMAGED_TRAILER, EXPORT_EVENTS_TRAILER, EXPORT_FORMATS } from '@sentinellog/shared';
import { type Command, Option } from 'commander';
import { addAgentOptions, type AgentOptions, findAgent } from './agent-client.ts';
import { CliError } from './cli-error.ts';
import { instantText } from './instant-text.ts';
import { printable } from './printable.ts';
import { ProgressLine } from './progress-line.ts';

interface ExportOptions extends AgentOptions {
  readonly from?: string;
  readonly to?: string;
  readonly source?: string[];
  readonly format: (typeof EXPORT_FORMATS)[number];
  readonly gzip?: boolean;
  readonly output?: string;
}

const LF = 0x0a;

export function register(program: Command): void {
  addAgentOptions(program.command('export'))
    .description('the raw log of a running agent, every event as it was received')
    .argument('[query]', 'as for search; everything when absent')
    .option('--from <time>', 'ISO 8601, ms since the epoch, or ago: 15m, 2h, 7d (default: 1h)')
    .option('--to <time>', 'the same (default: now)')
    .option('--source <name...>', 'only these services')
    .addOption(new Option('--format <format>', 'csv is for spreadsheets').choices(EXPORT_FORMATS).default('ndjson'))
    .option('--gzip', 'keep it compressed')
    .option('-o, --output <file>', 'a file that is there only once it is whole (default: standard output)')
    .addHelpText(
      'after',
      '\nExample: sentinellog export --from 2026-11-21T10:00:00Z --to 2026-11-21T11:00:00Z --gzip -o hour.ndjson.gz',
    )
    .action(exportLog);
}

async function exportLog(query: string | undefined, options: ExportOptions): Promise<void> {
  const agent = await findAgent(options);
  const parameters = new URLSearchParams({ format: options.format, query: query ?? '' });
  if (options.from !== undefined) parameters.set('from', instantText(options.from, '--from', Date.now()));
  if (options.to !== undefined) parameters.set('to', instantText(options.to, '--to', Date.now()));
  for (const source of options.source ?? []) parameters.append('source', source);
  const progress = new ProgressLine(process.stderr, options.output !== undefined);
  const { body, trailers } = await agent.download(`/v1/export?${parameters.toString()}`);

  let bytes = 0;
  let lines = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) lines++;
      progress.show(0, `${lines} lines, ${(bytes / 1e6).toFixed(1)} MB`);
      done(null, chunk);
    },
  });
  const unpacking = options.gzip === true ? [] : [createGunzip()];
  const partial = options.output === undefined ? undefined : `${options.output}.partial`;
  const target = partial === undefined ? process.stdout : createWriteStream(partial, { mode: 0o600 });
  try {
    await pipeline([body, ...unpacking, counting, target], { end: partial !== undefined });
    const events = wholeCount(trailers[EXPORT_EVENTS_TRAILER]);
    // A message in CSV may have lines of its own.
    if (options.gzip !== true && options.format === 'ndjson' && lines !== events) {
      throw new CliError(`the agent sent ${events} events and ${lines} lines arrived`);
    }
    if (partial !== undefined && options.output !== undefined) await rename(partial, options.output);
    progress.clear();
    const damaged = wholeCount(trailers[EXPORT_DAMAGED_TRAILER]);
    const lost = damaged === 0 ? '' : `; ${damaged} damaged blocks could not be read`;
    process.stderr.write(
      `${events} events${options.output === undefined ? '' : ` in ${printable(options.output)}`}${lost}\n`,
    );
  } catch (error) {
    progress.clear();
    if (partial !== undefined) await rm(partial, { force: true });
    if (error instanceof CliError) throw error;
    throw new CliError(`the export broke off: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function wholeCount(trailer: string | undefined): number {
  if (trailer === undefined || !/^\d+$/.test(trailer)) {
    throw new CliError('the export did not come to its end: the agent stopped, or a proxy on the way drops trailers');
  }
  return Number(trailer);
}
