import { type Incident, IncidentDetailSchema, IncidentListSchema, IncidentSchema } from '@sentinellog/shared';
import { type Command, Option } from 'commander';
import { type AgentClient, type AgentOptions, addAgentOptions, findAgent } from './agent-client.ts';
import { CliError } from './cli-error.ts';
import { printable } from './printable.ts';
import { tableOf, timeOf } from './table.ts';

type ListOptions = AgentOptions & {
  readonly state?: string;
  readonly severity?: string;
  readonly service?: string;
  readonly limit: string;
  readonly json?: boolean;
};
type OneOptions = AgentOptions & { readonly json?: boolean };
type ResolveOptions = OneOptions & { readonly as: string; readonly force?: boolean };

/** Among so many of the newest an incident is found by its key. */
const SEARCHED = 1000;

export function register(program: Command): void {
  const incidents = program
    .command('incidents')
    .description('incidents: what is open, their story, and acting on them');
  addAgentOptions(incidents.command('list'))
    .description('incidents, newest first')
    .addOption(new Option('--state <state>', 'only these').choices(['OPEN', 'ACK', 'RESOLVED']))
    .addOption(new Option('--severity <severity>', 'only these').choices(['P1', 'P2', 'P3', 'P4']))
    .option('--service <service>', 'only those that this service takes part in')
    .option('--limit <n>', 'at most so many', '20')
    .option('--json', 'print the answer as JSON')
    .action(list);
  addAgentOptions(incidents.command('show <incident>'))
    .description('one incident by its key or id, with its timeline, runbook and what is likely')
    .option('--json', 'print the answer as JSON')
    .action(show);
  addAgentOptions(incidents.command('ack <incident>'))
    .description('acknowledge: others are told at once')
    .option('--json', 'print the incident as JSON')
    .action(async (name: string, options: OneOptions) => act(name, options, 'ack', { holdMs: 0 }));
  addAgentOptions(incidents.command('resolve <incident>'))
    .description('resolve: others are told at once')
    .addOption(
      new Option('--as <resolution>', 'how it ended')
        .choices(['fixed', 'noise', 'expected', 'duplicate'])
        .default('fixed'),
    )
    .option('--force', 'also while it still fires')
    .option('--json', 'print the incident as JSON')
    .addHelpText('after', '\nExample: sentinellog incidents resolve INC-20260101010000 --as noise')
    .action(async (name: string, { as, force, ...options }: ResolveOptions) =>
      act(name, options, 'resolve', { holdMs: 0, resolution: as, ...(force === true && { force }) }),
    );
}

async function list({ state, severity, service, limit, json, ...options }: ListOptions): Promise<void> {
  const agent = await findAgent(options);
  const query = new URLSearchParams({ limit });
  for (const [name, value] of Object.entries({ state, severity, service }))
    if (value !== undefined) query.set(name, value);
  const answer = await agent.get(`/v1/incidents?${query.toString()}`, IncidentListSchema);
  if (json) {
    process.stdout.write(`${JSON.stringify(answer)}\n`);
    return;
  }
  const rows = answer.incidents.map((incident) => [
    incident.key,
    incident.severity,
    standingOf(incident),
    timeOf(incident.started_at_ms),
    printable(incident.title),
  ]);
  process.stdout.write(
    rows.length === 0 ? 'no incidents\n' : tableOf(['KEY', 'SEVERITY', 'STATE', 'SINCE', 'WHAT'], rows),
  );
}

async function show(name: string, { json, ...options }: OneOptions): Promise<void> {
  const agent = await findAgent(options);
  const { incident_id } = await find(agent, name);
  const detail = await agent.get(`/v1/incidents/${incident_id}`, IncidentDetailSchema);
  if (json) {
    process.stdout.write(`${JSON.stringify(detail)}\n`);
    return;
  }
  const { incident, timeline, runbooks, analyses } = detail;
  const likely = analyses.at(-1)?.hypotheses[0];
  const lines = [
    `${incident.key} ${incident.severity} ${standingOf(incident)}`,
    incident.title,
    `first to move: ${incident.first_mover.service} (${incident.first_mover.reason})`,
    ...(likely === undefined ? [] : [`likely: ${likely.cause} (${likely.confidence} confidence)`]),
    ...runbooks.slice(0, 1).map(({ title }) => `runbook: ${title}`),
  ];
  const rows = timeline.map(({ at_ms, actor, kind, text }) => [
    timeOf(at_ms),
    printable(actor.name),
    kind,
    printable(text),
  ]);
  process.stdout.write(
    `${lines.map(printable).join('\n')}\n\n${tableOf(['WHEN', 'WHO', 'WHAT', 'DESCRIPTION'], rows)}`,
  );
}

async function act(
  name: string,
  { json, ...options }: OneOptions,
  verb: 'ack' | 'resolve',
  body: object,
): Promise<void> {
  const agent = await findAgent(options);
  const { incident_id } = await find(agent, name);
  const incident = await agent.post(`/v1/incidents/${incident_id}/${verb}`, body, IncidentSchema);
  process.stdout.write(json ? `${JSON.stringify(incident)}\n` : `${incident.key} is ${standingOf(incident)}\n`);
}

/** By id, or by the key that messages and the console show. */
async function find(agent: AgentClient, name: string): Promise<Incident> {
  const { incidents } = await agent.get(`/v1/incidents?limit=${SEARCHED}`, IncidentListSchema);
  const found = incidents.find(({ incident_id, key }) => incident_id === name || key === name);
  if (found === undefined) throw new CliError(`there is no incident ${printable(name)} among the newest ${SEARCHED}`);
  return found;
}

function standingOf({ state, acked_by, resolution }: Incident): string {
  if (state === 'ACK') return `acknowledged by ${printable(acked_by ?? 'somebody')}`;
  return state === 'RESOLVED' ? `resolved (${resolution ?? 'somehow'})` : 'open';
}
