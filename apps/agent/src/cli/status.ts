import { AgentStatusSchema, type AgentHealth, type AgentInfo } from '@sentinellog/shared';
import type { Command } from 'commander';
import { addAgentOptions, findAgent, type AgentOptions } from './agent-client.ts';
import { printable } from './printable.ts';
import { timeOf } from './table.ts';

const MIB = 1024 * 1024;

export function register(program: Command): void {
  addAgentOptions(program.command('status'))
    .description('what a running agent says about itself')
    .option('--json', 'print the answer as JSON')
    .addHelpText(
      'after',
      '\nExample: sentinellog status --data-dir /var/lib/sentinellog\nExit code 0: ready or degraded; 1: anything else.',
    )
    .action(status);
}

async function status(options: AgentOptions & { readonly json?: boolean }): Promise<void> {
  const client = await findAgent(options);
  const answer = await client.get('/v1/agent', AgentStatusSchema);
  process.stdout.write(
    options.json ? `${JSON.stringify(answer)}\n` : describe(client.url, answer.agent, answer.health),
  );
  if (answer.health.state !== 'ready' && answer.health.state !== 'degraded') process.exitCode = 1;
}

function describe(url: string, agent: AgentInfo, health: AgentHealth): string {
  const missing = health.degraded.length > 0 ? ` (${health.degraded.join(', ')})` : '';
  const lines: readonly (readonly [string, string])[] = [
    ['Agent', `${agent.name} [${agent.code}] ${agent.version} at ${url}`],
    ['State', `${health.state}${missing}`],
    ['Started', timeOf(agent.started_at_ms)],
    ['Accepted', `${health.accepted_total} events, ${health.accepted_per_second.toFixed(0)}/s now`],
    ['Rejected', `${health.rejected_total} events, ${health.rejected_per_second.toFixed(0)}/s now`],
    ['Sources', String(health.sources)],
    ['Journal', `${(health.journal_bytes / MIB).toFixed(1)} MiB, ${health.replay_pending_bytes} bytes to replay`],
    ['Checkpoint', `${health.checkpoint_age_seconds.toFixed(1)} s ago`],
    [
      'Memory',
      `${(health.rss_bytes / MIB).toFixed(0)} MiB, event loop up to ${health.event_loop_lag_ms.toFixed(0)} ms late`,
    ],
  ];
  return `${lines.map(([name, value]) => `${name.padEnd(11)} ${printable(value)}`).join('\n')}\n`;
}
