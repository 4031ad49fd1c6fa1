import { TemplateListSchema } from '@sentinellog/shared';
import { type Command, Option } from 'commander';
import { type AgentOptions, addAgentOptions, findAgent } from './agent-client.ts';
import { printable } from './printable.ts';
import { tableOf, timeOf } from './table.ts';

type TemplatesOptions = AgentOptions & {
  readonly source?: string;
  readonly text?: string;
  readonly order: string;
  readonly limit: string;
  readonly json?: boolean;
};

export function register(program: Command): void {
  addAgentOptions(program.command('templates'))
    .description('what the log lines say: their templates, with how often each came')
    .option('--source <source>', 'only of this service, by name or id')
    .option('--text <words>', 'only templates that hold these words')
    .addOption(
      new Option('--order <order>', 'what comes first').choices(['count', 'newest', 'rarest']).default('count'),
    )
    .option('--limit <n>', 'at most so many', '50')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample: sentinellog templates --source payment-service --order rarest')
    .action(list);
}

async function list({ source, text, order, limit, json, ...options }: TemplatesOptions): Promise<void> {
  const agent = await findAgent(options);
  const query = new URLSearchParams({ order, limit });
  if (source !== undefined) query.set('source', source);
  if (text !== undefined) query.set('text', text);
  const answer = await agent.get(`/v1/templates?${query.toString()}`, TemplateListSchema);
  if (json) {
    process.stdout.write(`${JSON.stringify(answer)}\n`);
    return;
  }
  const rows = answer.templates.map(({ template_id, count, levels, first_seen_ms, services, text: said, name }) => [
    template_id,
    String(count),
    String((levels.error ?? 0) + (levels.fatal ?? 0)),
    timeOf(first_seen_ms),
    services.length === 1 ? (services[0]?.service ?? '') : `${services.length} services`,
    printable(name === null ? said : `${name}: ${said}`),
  ]);
  const head = ['ID', 'EVENTS', 'ERRORS', 'FIRST SEEN', 'SERVICE', 'TEMPLATE'];
  process.stdout.write(rows.length === 0 ? 'no templates\n' : tableOf(head, rows));
  const more = answer.total - answer.templates.length;
  if (more > 0) process.stdout.write(`… and ${more} more: --limit\n`);
}
