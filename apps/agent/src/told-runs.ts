/** Runs of hooks, into the timeline of the incident that they were for; with it every console hears of each state. */
import { type Actor, type HookRun, RequestError, type Rule } from '@sentinellog/shared';
import type { HookRunnerDeps } from './automation/hook-runner.ts';
import type { RuleHooksDeps } from './automation/rule-hooks.ts';
import type { IncidentDesk } from './incident/desk.ts';
import type { Log } from './telemetry/log.ts';

const MAX_REASON_CHARS = 300;
type Desk = Pick<IncidentDesk, 'remark'>;

export function tellRuns(desk: Desk, log: Log): HookRunnerDeps['onRun'] {
  return (run) => {
    log.info({ event: 'hook.run', ...run, answer: undefined }, 'a hook was run');
    remark(desk, log, run.incident_id, run.hook_name, sentenceOf(run), run.run_id);
  };
}

export function tellRefusals(desk: Desk, log: Log): RuleHooksDeps['tell'] {
  return (incidentId: string, { rule_id, name }: Rule, reason: unknown) => {
    const words = reason instanceof RequestError ? reason.message : 'the agent made a mistake, see its log';
    log.warn(
      { event: 'hook.not_run', rule_id, incident_id: incidentId, err: reason },
      'the hook of a rule was not run',
    );
    remark(desk, log, incidentId, `rule ${name}`, `its hook was not run: ${words}`);
  };
}

function remark(desk: Desk, log: Log, incidentId: string, name: string, text: string, runId?: string): void {
  const actor: Actor = { kind: 'hook', name, via: null };
  const links = runId === undefined ? [] : [{ kind: 'hook_run' as const, id: runId }];
  desk
    .remark(incidentId, actor, [{ kind: 'hook_run', text, links }])
    .catch((err: unknown) => log.error({ event: 'hook.not_in_timeline', err }, 'the timeline goes without'));
}

function sentenceOf({ state, by, hook_name, status_code, answer, took_ms }: HookRun): string {
  const after = took_ms === null ? '' : ` after ${(took_ms / 1000).toFixed(1)} s`;
  switch (state) {
    case 'queued':
    case 'running':
      return `${by} runs "${hook_name}"`;
    case 'succeeded':
      return `"${hook_name}" succeeded${after}: the other side answered ${status_code ?? 'nothing'}`;
    case 'failed':
      return status_code === null
        ? `"${hook_name}" failed${after}: ${answer.slice(0, MAX_REASON_CHARS)}`
        : `"${hook_name}" failed${after}: the other side answered ${status_code}`;
    default:
      return state satisfies never;
  }
}
