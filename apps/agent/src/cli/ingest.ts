import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { IngestAnswerSchema } from '@sentinellog/shared';
import type { Command } from 'commander';
import { z } from 'zod';
import { CliError } from './cli-error.ts';
import { printable } from './printable.ts';

const BATCH_BYTES = 1024 * 1024;
const CALL_TIMEOUT_MS = 30_000;
/** An agent that takes nothing for so long is not coming back by itself. */
const PATIENCE_MS = 5 * 60_000;
const LF = 0x0a;

const AgentFileSchema = z.object({ url: z.url({ protocol: /^https?$/ }) });
const CredentialsSchema = z.object({ ingestKey: z.string() });

interface Options {
  readonly url?: string;
  readonly key?: string;
  readonly dataDir?: string;
  readonly service?: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command('ingest')
    .description('send the lines of files, or of standard input (-), to an agent')
    .argument('<file...>', 'files, or - for standard input')
    .option('--url <url>', 'the agent (default: from --data-dir)')
    .option('--key <key>', 'an ingest key; better in the variable SENTINELLOG_KEY (default: from --data-dir)')
    .option('--data-dir <dir>', 'data folder of an agent on this machine: its URL and key are read there')
    .option('--service <name>', 'the service of lines that name none')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample: journalctl -f -o json | sentinellog ingest - --service host-1')
    .action(run);
}

async function run(files: readonly string[], options: Options): Promise<void> {
  const { url, key } = await targetOf(options);
  const target = new URL('/v1/ingest', url);
  if (options.service !== undefined) target.searchParams.set('service', options.service);
  const sum = { accepted: 0, rejected: 0 };
  for (const file of files) {
    const stream = file === '-' ? process.stdin : createReadStream(resolve(file));
    for await (const batch of wholeLines(stream, file)) {
      const { accepted, rejected } = await send(target, key, batch);
      sum.accepted += accepted;
      sum.rejected += rejected;
    }
  }
  process.stdout.write(
    options.json ? `${JSON.stringify(sum)}\n` : `${sum.accepted} accepted, ${sum.rejected} rejected\n`,
  );
}

/** Pieces of at most about BATCH_BYTES that end with a line, as soon as there is one: a pipe may be slow. */
async function* wholeLines(stream: AsyncIterable<unknown>, name: string): AsyncGenerator<Buffer> {
  let carry = Buffer.alloc(0);
  try {
    for await (const chunk of stream) {
      carry = Buffer.concat([carry, chunk as Uint8Array]);
      const end = carry.lastIndexOf(LF) + 1;
      if (end === 0 && carry.length < BATCH_BYTES) continue;
      const cut = end === 0 ? carry.length : end;
      yield carry.subarray(0, cut);
      carry = Buffer.from(carry.subarray(cut));
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error) {
      throw new CliError(`${printable(name)} cannot be read (${String(error.code)})`, { cause: error });
    }
    throw error;
  }
  if (carry.length > 0) yield carry;
}

/** Sends again with the same batch id while the agent asks for it, so that nothing is counted twice. */
async function send(target: URL, key: string, batch: Buffer): Promise<z.output<typeof IngestAnswerSchema>> {
  const id = crypto.randomUUID();
  const giveUpMs = Date.now() + PATIENCE_MS;
  for (;;) {
    let trouble: string;
    try {
      const response = await fetch(target, {
        method: 'POST',
        headers: { 'x-sentinel-key': key, 'content-type': 'text/plain', 'x-sentinel-batch-id': id },
        body: new Uint8Array(batch),
        redirect: 'error',
        signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      });
      const text = await response.text();
      if (response.ok) return IngestAnswerSchema.parse(JSON.parse(text));
      trouble = `the agent answered ${response.status}: ${printable(text.slice(0, 300))}`;
      if (response.status === 400) return { accepted: 0, rejected: 1, batch_id: id };
      if (response.status !== 429 && response.status !== 503) throw new CliError(trouble);
    } catch (error) {
      if (error instanceof CliError || error instanceof z.ZodError) throw error;
      trouble = `${target.host} cannot be reached: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (Date.now() > giveUpMs) throw new CliError(trouble);
    await delay(1000);
  }
}

async function targetOf(options: Options): Promise<{ readonly url: string; readonly key: string }> {
  const dataDir = resolve(options.dataDir ?? process.env['SENTINELLOG_DATA_DIR'] ?? '.data');
  const url = options.url ?? (await readSchema(join(dataDir, 'agent.json'), AgentFileSchema, '--url')).url;
  const given = options.key ?? process.env['SENTINELLOG_KEY'];
  const key = given ?? (await readSchema(join(dataDir, 'credentials.json'), CredentialsSchema, '--key')).ingestKey;
  return { url, key };
}

async function readSchema<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  option: string,
): Promise<z.output<Schema>> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new CliError(`${file} cannot be read: start an agent there, or give ${option}`, { cause: error });
  }
}
