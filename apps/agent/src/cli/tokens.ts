import { ROLES, TokenCreatedSchema, TokenListSchema } from '@sentinellog/shared';
import { Option, type Command } from 'commander';
import { addAgentOptions, findAgent, type AgentOptions } from './agent-client.ts';
import { printable } from './printable.ts';
import { tableOf, timeOf } from './table.ts';

type TokensOptions = AgentOptions & { readonly json?: boolean };

export function register(program: Command): void {
  const tokens = program.command('tokens').description('access tokens: what people and programs sign in with');

  addAgentOptions(tokens.command('create'))
    .description('make an access token and print it, once')
    .requiredOption('--name <name>', 'whose it is, shown in lists and in the audit log')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).default('viewer'))
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample: sentinellog tokens create --name "Vera Lind" --role operator')
    .action(create);

  addAgentOptions(tokens.command('list'))
    .description('list access tokens, without the tokens themselves')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample: sentinellog tokens list --json')
    .action(list);

  addAgentOptions(tokens.command('revoke'))
    .description('refuse a token from now on; its consoles are disconnected within two seconds')
    .argument('<id>', 'the id that `tokens list` shows')
    .addHelpText('after', '\nExample: sentinellog tokens revoke 9dPq02Lm')
    .action(revoke);
}

async function create(options: TokensOptions & { readonly name: string; readonly role: string }): Promise<void> {
  const agent = await findAgent(options);
  const token = await agent.post('/v1/tokens', { name: options.name, role: options.role }, TokenCreatedSchema);
  process.stdout.write(
    options.json
      ? `${JSON.stringify(token)}\n`
      : `${printable(token.token)}\n\nKeep it now: it is not shown again. The console at ${agent.url}/ asks for it.\n`,
  );
}

async function list(options: TokensOptions): Promise<void> {
  const agent = await findAgent(options);
  const answer = await agent.get('/v1/tokens', TokenListSchema);
  if (options.json) {
    process.stdout.write(`${JSON.stringify(answer)}\n`);
    return;
  }
  const rows = answer.tokens.map((token) => [
    token.token_id,
    token.name,
    token.role,
    timeOf(token.created_at_ms),
    timeOf(token.last_used_ms),
    timeOf(token.revoked_at_ms),
  ]);
  process.stdout.write(tableOf(['ID', 'NAME', 'ROLE', 'CREATED', 'LAST USED', 'REVOKED'], rows) || 'no tokens\n');
}

async function revoke(id: string, options: TokensOptions): Promise<void> {
  const agent = await findAgent(options);
  await agent.delete(`/v1/tokens/${encodeURIComponent(id)}`);
  process.stdout.write(`token ${printable(id)} is revoked\n`);
}
