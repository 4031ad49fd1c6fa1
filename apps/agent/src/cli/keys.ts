import { KeyCreatedSchema, KeyListSchema } from '@sentinellog/shared';
import type { Command } from 'commander';
import { addAgentOptions, findAgent, type AgentOptions } from './agent-client.ts';
import { printable } from './printable.ts';
import { tableOf, timeOf } from './table.ts';

type KeysOptions = AgentOptions & { readonly json?: boolean };

export function register(program: Command): void {
  const keys = program.command('keys').description('ingest keys: what log shippers send their logs with');

  addAgentOptions(keys.command('create'))
    .description('make an ingest key and print it, once')
    .requiredOption('--name <name>', 'what the key is for, shown in lists')
    .option('--source <service>', 'pin the key: everything sent with it counts under this service')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample: sentinellog keys create --name fluent-bit --source payment-service')
    .action(create);

  addAgentOptions(keys.command('list'))
    .description('list ingest keys, without the keys themselves')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample: sentinellog keys list --data-dir /var/lib/sentinellog')
    .action(list);

  addAgentOptions(keys.command('revoke'))
    .description('refuse a key from now on')
    .argument('<id>', 'the id that `keys list` shows')
    .addHelpText('after', '\nExample: sentinellog keys revoke 3fZk81Qa')
    .action(revoke);
}

async function create(options: KeysOptions & { readonly name: string; readonly source?: string }): Promise<void> {
  const agent = await findAgent(options);
  const { name, source } = options;
  const key = await agent.post('/v1/keys', { name, ...(source !== undefined && { source }) }, KeyCreatedSchema);
  process.stdout.write(
    options.json
      ? `${JSON.stringify(key)}\n`
      : `${printable(key.key)}\n\nKeep it now: it is not shown again. Send logs with it:\n` +
          `  curl ${agent.url}/v1/ingest -H 'X-Sentinel-Key: ${printable(key.key)}' \\\n` +
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
