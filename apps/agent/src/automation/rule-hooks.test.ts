import { type HookRun, type Incident, RequestError, type Rule } from '@sentinellog/shared';
import { anIncident, aRule } from '@sentinellog/shared/testing';
import { describe, expect, it } from 'vitest';
import { RuleHooks } from './rule-hooks.ts';

const HOOK = '01996f00-0000-7000-8000-00000000f00c';
const [ALERT] = anIncident().alerts;

function rig(rule: Partial<Rule>, run?: () => AsyncGenerator<HookRun>) {
  const runs: string[] = [];
  const refused: string[] = [];
  const made = aRule({ rule_id: 'pool', name: 'Pool', action: 'hook', hook_id: HOOK, ...rule });
  const hooks = new RuleHooks({
    rules: { rule: (ruleId) => (ruleId === 'pool' ? made : undefined) },
    hooks: {
      run: (incidentId, hookId, { by, idempotencyKey }) => {
        runs.push([incidentId, hookId, by, idempotencyKey].join(' '));
        return run?.() ?? none();
      },
    },
    tell: (_incidentId, { name }, reason) => refused.push(`${name}: ${String(reason)}`),
  });
  return { hooks, runs, refused };
}

async function* none(): AsyncGenerator<HookRun> {
  yield* [];
}

async function* switchedOff(): AsyncGenerator<HookRun> {
  yield* none();
  throw new RequestError('invalid_request', 'the hook "Restart" is switched off');
}

function firing(overrides: Partial<Incident['alerts'][number]> = {}): Incident {
  return anIncident({ alerts: [{ ...ALERT, signal: 'rule:pool', firing: true, event_ids: ['e1'], ...overrides }] });
}

describe('hooks of rules', () => {
  it('run once for each time the rule fires, however often the incident changes', () => {
    const { hooks, runs } = rig({});
    hooks.look(firing());
    hooks.look(firing());
    hooks.look(firing({ firing: false }));
    hooks.look(firing({ signal: 'rule:pool:0a1b2c3d', event_ids: ['e1', 'e2'] }));
    const { incident_id } = anIncident();
    expect(runs).toEqual([`${incident_id} ${HOOK} rule Pool rule-e1`, `${incident_id} ${HOOK} rule Pool rule-e2`]);
  });

  it('are not run for other rules, for detectors, or for what is over', () => {
    const { hooks, runs } = rig({ action: 'page' });
    hooks.look(firing());
    hooks.look(firing({ signal: 'error_rate' }));
    const other = rig({});
    other.hooks.look(firing({ signal: 'rule:gone' }));
    other.hooks.look({ ...firing(), state: 'RESOLVED' });
    expect([...runs, ...other.runs]).toEqual([]);
  });

  it('say why where they were not run', async () => {
    const { hooks, refused } = rig({}, switchedOff);
    hooks.look(firing());
    await expect.poll(() => refused).toEqual(['Pool: RequestError: the hook "Restart" is switched off']);
    const nameless = rig({ hook_id: undefined });
    nameless.hooks.look(firing());
    await expect.poll(() => nameless.refused).toEqual(['Pool: RequestError: the rule names no hook']);
  });
});
