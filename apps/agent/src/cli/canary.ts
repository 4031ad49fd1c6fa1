import { AgentStatusSchema, CanarySchema, type CanaryReport } from '@sentinellog/shared';
import type { Command } from 'commander';
import { addAgentOptions, findAgent, type AgentOptions } from './agent-client.ts';
import { CliError } from './cli-error.ts';
import { printable } from './printable.ts';
import { tableOf, timeOf } from './table.ts';

export function register(program: Command): void {
  addAgentOptions(program.command('canary'))
    .description('whether detection still detects: what the agent last found of known incidents')
    .option('--run', 'test now instead of telling the last result')
    .option('--json', 'print the answer as JSON')
    .addHelpText(
      'after',
      '\nExample: sentinellog canary --run --data-dir .data\nExit code 0: it detects; 1: it is blind, or has not been tested yet.',
    )
    .action(async (options: AgentOptions & { readonly run?: boolean; readonly json?: boolean }) => {
      const agent = await findAgent(options);
      const report = options.run
        ? await agent.post('/v1/agent/canary', {}, CanarySchema)
        : (await agent.get('/v1/agent', AgentStatusSchema)).canary;
      if (report === undefined) throw new CliError(`the agent at ${agent.url} is of a version without a canary`);
      process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : described(report));
      if (report.state !== 'ok') process.exitCode = 1;
    });
}

const STATES: Readonly<Record<CanaryReport['state'], string>> = {
  not_run: 'not tested yet: the first test is a minute after the start; --run tests now',
  ok: 'detection works',
  blind: 'DETECTION DOES NOT WORK',
};

function described({ state, ran_at_ms, blind_since_ms, trials, stalled }: CanaryReport): string {
  const since = blind_since_ms === null ? '' : `, blind since ${timeOf(blind_since_ms)}`;
  const when = ran_at_ms === null ? '' : ` (tested ${timeOf(ran_at_ms)})`;
  const rows = trials.map(({ trial, sigma, expected, found, ok }) => [
    ok ? 'ok' : 'WRONG',
    trial,
    `${sigma}σ`,
    expected,
    found,
  ]);
  return [
    `${STATES[state]}${since}${when}`,
    ...(stalled === null ? [] : [printable(stalled)]),
    ...(rows.length === 0 ? [] : ['', tableOf(['', 'TRIAL', 'SET TO', 'EXPECTED', 'FOUND'], rows)]),
  ]
    .join('\n')
    .concat('\n');
}
