import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { HeartbeatAnswerSchema, RelearnAnswerSchema, SourceListSchema } from '@sentinellog/shared';
import type { Command } from 'commander';
import { z } from 'zod';
import { IngestClient } from '../simulate/ingest-client.ts';
import { Sfc32 } from '../simulate/random.ts';
import { SimulationError } from '../simulate/simulation-error.ts';
import { type AgentClient, addAgentOptions, findAgent, type AgentOptions } from './agent-client.ts';
import { CliError } from './cli-error.ts';
import { printable } from './printable.ts';

/** As the agent takes them at its best, and four seconds of a slow line. */
const BATCH_BYTES = 4 << 20;
/** One line that is longer is sent alone, and refused by the agent if it must be. */
const NEWLINE = 0x0a;
/** The agent counts older lines at their arrival. */
const REACH_MS = 90 * 86_400_000;
const BAR_WIDTH = 28;
const SHOWN_EVERY_MS = 200;

interface Options extends AgentOptions {
  readonly key?: string;
  readonly relearn?: boolean;
  readonly json?: boolean;
}

interface Summary {
  readonly files: number;
  readonly bytes: number;
  accepted: number;
  rejected: number;
  relearnt: number;
  readonly lines_per_second: number;
}

const CredentialsSchema = z.object({ ingestKey: z.string() });

export function register(program: Command): void {
  addAgentOptions(program.command('backfill'))
    .description('load historical logs (NDJSON; .gz and .zst too) into a running agent, and learn from them')
    .argument('<files...>', 'oldest first; each is read as it is, at full speed')
    .option('--key <key>', 'an ingest key of the agent (default: from the data folder)')
    .option('--no-relearn', 'only load: sources that speak already do not learn what is older than their present')
    .option('--json', 'print the summary as JSON')
    .addHelpText(
      'after',
      '\nExample: sentinellog backfill --data-dir .data may.ndjson.gz june.ndjson.gz\n' +
        'The same file sent again within ten minutes is not counted twice. Lines older than 90 days count at their arrival.',
    )
    .action(async (files: readonly string[], options: Options) => {
      const summary = await backfill(files, options);
      const { accepted, rejected, relearnt, lines_per_second: rate } = summary;
      process.stdout.write(
        options.json
          ? `${JSON.stringify(summary)}\n`
          : `${accepted} lines accepted, ${rejected} rejected, ${rate} lines/s; ${relearnt} sources taught anew\n`,
      );
      if (rejected > 0 && accepted === 0) process.exitCode = 1;
    });
}

async function backfill(files: readonly string[], options: Options): Promise<Summary> {
  const agent = await findAgent(options);
  const sizes = await Promise.all(files.map(sizeOf));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort());
  const client = new IngestClient({
    url: agent.url,
    key: options.key ?? (await ingestKeyOf(options)),
    fetch,
    now: Date.now,
    sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
    chance: new Sfc32(1),
    onRetry: (reason, waitMs) =>
      process.stderr.write(`\nthe agent did not take a batch (${printable(reason)}): again in ${waitMs} ms\n`),
  });
  const before = options.relearn === false ? new Map<string, number>() : await countedOf(agent);
  const startedMs = performance.now();
  const summary = { files: files.length, bytes: total, accepted: 0, rejected: 0, relearnt: 0, lines_per_second: 0 };
  const bar = new ProgressBar(total);
  let readBefore = 0;
  for (const [at, file] of files.entries()) {
    const reading = openLog(file);
    const prefix = await identityOf(file, sizes[at]);
    let batch = 0;
    for await (const body of batchesOf(reading.text)) {
      const answer = await send(client, body, `${prefix}-${batch++}`, stopping.signal);
      if (answer === null) throw new CliError('stopped: what was accepted stays; run it again to go on');
      summary.accepted += answer.accepted;
      summary.rejected += answer.rejected;
      bar.show(readBefore + reading.raw.bytesRead, summary.accepted);
    }
    readBefore += sizes[at];
  }
  bar.end();
  const seconds = (performance.now() - startedMs) / 1000;
  const relearnt = options.relearn === false ? 0 : await relearnOlder(agent, before);
  return { ...summary, relearnt, lines_per_second: Math.round(summary.accepted / Math.max(0.001, seconds)) };
}

async function send(client: IngestClient, body: Uint8Array<ArrayBuffer>, batchId: string, signal: AbortSignal) {
  try {
    return await client.send(body, batchId, signal);
  } catch (error) {
    throw error instanceof SimulationError ? new CliError(error.message, { cause: error }) : error;
  }
}

/** Lines counted of each source within the reach of a backfill, by source id. */
async function countedOf(agent: AgentClient): Promise<ReadonlyMap<string, number>> {
  const { sources } = await agent.get('/v1/sources', SourceListSchema);
  if (sources.length === 0) return new Map();
  const from = Date.now() - REACH_MS;
  const answer = await agent.get(`/v1/heartbeats?step=7d&from=${from}`, HeartbeatAnswerSchema);
  return new Map(
    answer.sources.map(({ source_id, columns: [, values] }) => [
      source_id,
      values.reduce<number>((sum, value) => sum + (value ?? 0), 0),
    ]),
  );
}

/** A source that had spoken before learns from older lines only when its past is replayed; a new one has learnt on the way. */
async function relearnOlder(agent: AgentClient, before: ReadonlyMap<string, number>): Promise<number> {
  const after = await countedOf(agent);
  const { sources } = await agent.get('/v1/sources', SourceListSchema);
  const older = sources.filter(
    ({ source_id }) => before.has(source_id) && after.get(source_id) !== before.get(source_id),
  );
  for (const { source_id, service } of older) {
    process.stderr.write(`teaching ${printable(service)} from what is stored …\n`);
    await agent.post(`/v1/sources/${source_id}/relearn`, {}, RelearnAnswerSchema);
  }
  return older.length;
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    throw new CliError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** The same content gets the same batch ids: a second run, or one after an interruption, counts nothing twice. */
async function identityOf(file: string, size: number): Promise<string> {
  const hash = createHash('sha256').update(String(size));
  for await (const chunk of createReadStream(file, { end: 1 << 20 })) hash.update(chunk as Buffer);
  return `backfill-${hash.digest('hex').slice(0, 24)}`;
}

async function ingestKeyOf({ dataDir }: AgentOptions): Promise<string> {
  const file = join(resolve(dataDir ?? process.env['SENTINELLOG_DATA_DIR'] ?? '.data'), 'credentials.json');
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new CliError(
      `no ingest key: pass --key, or --data-dir of an agent on this machine (${file} cannot be read)`,
      {
        cause: error,
      },
    );
  }
  const credentials = CredentialsSchema.safeParse(json);
  if (!credentials.success) throw new CliError(`${file} holds no ingest key: pass --key`);
  return credentials.data.ingestKey;
}

function openLog(file: string) {
  const raw = createReadStream(file, { highWaterMark: 1 << 20 });
  const decoder = file.endsWith('.gz') ? createGunzip() : file.endsWith('.zst') ? createZstdDecompress() : null;
  if (decoder === null) return { raw, text: raw };
  raw.on('error', (error) => decoder.destroy(error));
  return { raw, text: raw.pipe(decoder) };
}

/** Whole lines, up to the size of a batch; a line that is longer is a batch of its own. */
async function* batchesOf(text: Readable): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of text as AsyncIterable<Buffer>) {
    waiting.push(chunk);
    bytes += chunk.length;
    if (bytes < BATCH_BYTES) continue;
    const all = Buffer.concat(waiting);
    const end = all.lastIndexOf(NEWLINE) + 1;
    waiting = [all.subarray(end)];
    bytes = all.length - end;
    if (end > 0) yield Uint8Array.from(all.subarray(0, end));
  }
  if (bytes > 0) yield Uint8Array.from(Buffer.concat(waiting));
}

class ProgressBar {
  readonly #total: number;
  readonly #startedMs = performance.now();
  #shownMs = Number.NEGATIVE_INFINITY;

  constructor(total: number) {
    this.#total = total;
  }

  show(read: number, lines: number): void {
    const now = performance.now();
    if (!process.stderr.isTTY || now - this.#shownMs < SHOWN_EVERY_MS) return;
    this.#shownMs = now;
    const share = this.#total === 0 ? 1 : Math.min(1, read / this.#total);
    const filled = Math.round(share * BAR_WIDTH);
    const seconds = (now - this.#startedMs) / 1000;
    const left = share > 0 ? Math.ceil((seconds * (1 - share)) / share) : 0;
    const rate = Math.round(lines / Math.max(0.001, seconds)).toLocaleString('en-US');
    const text = `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${Math.floor(share * 100)} %  ${rate} lines/s, ${left} s left`;
    process.stderr.write(`\r\u001b[Kbackfill ${text}`);
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }
}
