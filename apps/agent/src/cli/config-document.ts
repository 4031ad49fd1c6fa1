import { readFile, writeFile } from 'node:fs/promises';
import { type ConfigImportAnswer, ConfigImportAnswerSchema, RoutingConfigSchema } from '@sentinellog/shared';
import type { Command } from 'commander';
import { parseDocument, stringify } from 'yaml';
import { addAgentOptions, findAgent, type AgentOptions } from './agent-client.ts';
import { CliError } from './cli-error.ts';
import { printable } from './printable.ts';

type ExportOptions = AgentOptions & { readonly out?: string; readonly json?: boolean };
type ImportOptions = AgentOptions & { readonly json?: boolean };

const HEADER = `# SentinelLog: who hears of what. Made by "sentinellog config export"; put back with "sentinellog config import FILE".
# A section that is present is the whole truth about its kind; leave one out to leave its documents alone.
# Channels are listed without their secrets and are not made by an import.
`;

/** Adds `export`, `diff` and `import` to the command `config`. */
export function registerDocument(config: Command): void {
  addAgentOptions(config.command('export'))
    .description(
      'print routing, escalations, calendars, windows, people and teams as one YAML document, without secrets',
    )
    .option('--out <file>', 'write it there')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample: sentinellog config export --out routing.yaml')
    .action(exportDocument);

  addAgentOptions(config.command('diff'))
    .description('say what an import of the document would change; exit code 1 when it would change something')
    .argument('<file>', 'YAML or JSON, as `config export` writes it')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample: sentinellog config diff routing.yaml')
    .action(diffDocument);

  addAgentOptions(config.command('import'))
    .description('make it as the document says, all of it or nothing')
    .argument('<file>', 'YAML or JSON, as `config export` writes it')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample: sentinellog config import routing.yaml')
    .action(importDocument);
}

async function exportDocument({ out, json, ...options }: ExportOptions): Promise<void> {
  const agent = await findAgent(options);
  const document = await agent.get('/v1/config/export', RoutingConfigSchema);
  const text = json
    ? `${JSON.stringify(document, null, 2)}\n`
    : HEADER + stringify(document, { aliasDuplicateObjects: false });
  if (out === undefined) process.stdout.write(text);
  else {
    await writeFile(out, text);
    process.stdout.write(`written to ${printable(out)}\n`);
  }
}

async function diffDocument(file: string, { json, ...options }: ImportOptions): Promise<void> {
  const document = await readDocument(file);
  const agent = await findAgent(options);
  const answer = await agent.post('/v1/config/import?mode=preview', document, ConfigImportAnswerSchema);
  process.stdout.write(json ? `${JSON.stringify(answer)}\n` : wordsOf(answer));
  if (answer.changes.length > 0) process.exitCode = 1;
}

async function importDocument(file: string, { json, ...options }: ImportOptions): Promise<void> {
  const document = await readDocument(file);
  const agent = await findAgent(options);
  // What is taken is what was checked a moment ago, whoever else writes meanwhile.
  const { revision } = await agent.post('/v1/config/import?mode=preview', document, ConfigImportAnswerSchema);
  const answer = await agent.post('/v1/config/import?mode=apply', document, ConfigImportAnswerSchema, revision);
  process.stdout.write(json ? `${JSON.stringify(answer)}\n` : wordsOf(answer));
}

/** Checked here, too: the line of a YAML file helps more than the place in a request. Throws CliError. */
async function readDocument(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new CliError(`cannot read ${printable(file)}: check the path`, { cause: error });
  }
  const document = parseDocument(text);
  const [fault] = document.errors;
  if (fault !== undefined)
    throw new CliError(`${printable(file)} is not valid YAML: ${printable(fault.message.split('\n')[0] ?? '')}`);
  const parsed = RoutingConfigSchema.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues
    .slice(0, 5)
    .map(({ path, message }) => `  ${path.join('.') || '(top)'}: ${message}`);
  throw new CliError(`${printable(file)} cannot be taken:\n${faults.map(printable).join('\n')}`);
}

const SIGNS = { created: '+', changed: '~', removed: '-' } as const;

function wordsOf({ mode, changes, warnings }: ConfigImportAnswer): string {
  const lines = changes.map(({ change, kind, id, fields }) =>
    printable(`${SIGNS[change]} ${kind} ${id}${fields.length > 0 ? ` (${fields.join(', ')})` : ''}`),
  );
  const told = warnings.map((warning) => printable(`! ${warning}`));
  const done = mode === 'apply' ? 'changed' : 'would change';
  return `${[...lines, ...told, `${changes.length} document${changes.length === 1 ? '' : 's'} ${done}`].join('\n')}\n`;
}
