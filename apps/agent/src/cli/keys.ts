import { KeyCreatedSchema, KeyListSchema, type KeyPatchSchema, KeySchema } from '@sentinellog/shared';
import type { Command } from 'commander';
import type { z } from 'zod';
import { addAgentOptions, findAgent, type AgentOptions } from './agent-client.ts';
import { CliError } from './cli-error.ts';
import { printable } from './printable.ts';
import { tableOf, timeOf } from './table.ts';

type KeysOptions = AgentOptions & { readonly json?: boolean };
interface LimitOptions {
  readonly eventsPerSecond?: string;
  readonly bytesPerDay?: string;
}

export function register(program: Command): void {
  const keys = program.command('keys').description('ingest keys: what log shippers send their logs with');

  addAgentOptions(keys.command('create'))
    .description('make an ingest key and print it, once')
    .requiredOption('--name <name>', 'what the key is for, shown in lists')
    .option('--source <service>', 'pin the key: everything sent with it counts under this service')
    .option('--events-per-second <n>', 'refuse what is more, with 429')
    .option('--bytes-per-day <n>', 'refuse what is more, with 429, until midnight UTC')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample: sentinellog keys create --name fluent-bit --source payment-service')
    .action(create);

  addAgentOptions(keys.command('list'))
    .description('list ingest keys, without the keys themselves')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample: sentinellog keys list --data-dir /var/lib/sentinellog')
    .action(list);

  addAgentOptions(keys.command('rotate'))
    .description('make the successor of a key and print it, once; the old one works on for its grace')
    .argument('<id>', 'the id that `keys list` shows')
    .option('--grace <hours>', 'how long the old key works on; 0 ends it at once', '24')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample: sentinellog keys rotate 3fZk81Qa --grace 48')
    .action(rotate);

  addAgentOptions(keys.command('limit'))
    .description('set what a key may send')
    .argument('<id>', 'the id that `keys list` shows')
    .option('--events-per-second <n>', '"none": what the configuration allows every key')
    .option('--bytes-per-day <n>', '"none": what the configuration allows every key')
    .addHelpText('after', '\nExample: sentinellog keys limit 3fZk81Qa --events-per-second 20000')
    .action(limit);

  addAgentOptions(keys.command('revoke'))
    .description('refuse a key from now on')
    .argument('<id>', 'the id that `keys list` shows')
    .addHelpText('after', '\nExample: sentinellog keys revoke 3fZk81Qa')
    .action(revoke);
}

async function create(
  options: KeysOptions & LimitOptions & { readonly name: string; readonly source?: string },
): Promise<void> {
  const agent = await findAgent(options);
  const { name, source } = options;
  const body = { name, ...(source !== undefined && { source }), ...limitsOf(options) };
  printOnce(agent.url, await agent.post('/v1/keys', body, KeyCreatedSchema), options);
}

async function rotate(id: string, options: KeysOptions & { readonly grace: string }): Promise<void> {
  const agent = await findAgent(options);
  const body = { grace_hours: numberOf('--grace', options.grace) };
  const path = `/v1/keys/${encodeURIComponent(id)}:rotate`;
  printOnce(agent.url, await agent.post(path, body, KeyCreatedSchema), options);
}

async function limit(id: string, options: KeysOptions & LimitOptions): Promise<void> {
  const limits = limitsOf(options);
  if (Object.keys(limits).length === 0) throw new CliError('give --events-per-second, --bytes-per-day or both');
  const agent = await findAgent(options);
  const key = await agent.patch(`/v1/keys/${encodeURIComponent(id)}`, limits, KeySchema);
  process.stdout.write(
    `key ${printable(id)}: ${key.events_per_second ?? 'any number of'} events a second, ` +
      `${key.bytes_per_day ?? 'any number of'} bytes a day\n`,
  );
}

function limitsOf({ eventsPerSecond, bytesPerDay }: LimitOptions): z.input<typeof KeyPatchSchema> {
  return {
    ...(eventsPerSecond !== undefined && { events_per_second: limitOf('--events-per-second', eventsPerSecond) }),
    ...(bytesPerDay !== undefined && { bytes_per_day: limitOf('--bytes-per-day', bytesPerDay) }),
  };
}

function limitOf(option: string, text: string): number | null {
  return text === 'none' ? null : numberOf(option, text);
}

function numberOf(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0) return value;
  throw new CliError(`${option} ${printable(text)}: give a number`);
}

function printOnce(url: string, key: z.output<typeof KeyCreatedSchema>, options: KeysOptions): void {
  process.stdout.write(
    options.json
      ? `${JSON.stringify(key)}\n`
      : `${printable(key.key)}\n\nKeep it now: it is not shown again. Send logs with it:\n` +
          `  curl ${url}/v1/ingest -H 'X-Sentinel-Key: ${printable(key.key)}' \\\n` +
          `    -d '{"service":"${printable(key.service ?? 'payment-service')}","level":"info","message":"hello"}'\n`,
  );
}

async function list(options: KeysOptions): Promise<void> {
  const agent = await findAgent(options);
  const answer = await agent.get('/v1/keys', KeyListSchema);
  if (options.json) {
    process.stdout.write(`${JSON.stringify(answer)}\n`);
    return;
  }
  const rows = answer.keys.map((key) => [
    key.key_id,
    key.name,
    key.service ?? '(any)',
    timeOf(key.created_at_ms),
    timeOf(key.last_used_ms),
    timeOf(key.revoked_at_ms),
  ]);
  process.stdout.write(tableOf(['ID', 'NAME', 'SOURCE', 'CREATED', 'LAST USED', 'REVOKED'], rows) || 'no keys\n');
}

async function revoke(id: string, options: KeysOptions): Promise<void> {
  const agent = await findAgent(options);
  await agent.delete(`/v1/keys/${encodeURIComponent(id)}`);
  process.stdout.write(`key ${printable(id)} is revoked\n`);
}
