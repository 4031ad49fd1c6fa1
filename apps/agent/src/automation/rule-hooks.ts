/** Hooks that a rule sets going: whoever writes `action: hook` and enables the hook has said so twice. */
import { type HookRun, type Incident, RequestError, type Rule } from '@sentinellog/shared';
import type { HookRunner } from './hook-runner.ts';

export interface RuleHooksDeps {
  readonly rules: { rule(ruleId: string): Rule | undefined };
  readonly hooks: Pick<HookRunner, 'run'>;
  /** It was not run, and why: switched off, protected, within its cooldown, or the database is away. */
  readonly tell: (incidentId: string, rule: Rule, reason: unknown) => void;
}

/** Anomalies of rules that a hook was asked for; beyond, the key of the run still keeps it from running twice. */
const MAX_ASKED = 10_000;
const RULE_SERIES = /^rule:([^:]+)/;

/** Once for each time a rule fires, within the hook's own cooldown and scope. A protected hook needs a person. */
export class RuleHooks {
  readonly #deps: RuleHooksDeps;
  readonly #asked = new Set<string>();

  constructor(deps: RuleHooksDeps) {
    this.#deps = deps;
  }

  /** Call it whenever an incident has changed; does not wait. */
  look({ incident_id, state, alerts }: Incident): void {
    if (state === 'RESOLVED') return;
    for (const { signal, firing, event_ids } of alerts) {
      const ruleId = RULE_SERIES.exec(signal)?.[1];
      const eventId = event_ids.at(-1);
      if (!firing || ruleId === undefined || eventId === undefined || this.#asked.has(eventId)) continue;
      const rule = this.#deps.rules.rule(ruleId);
      if (rule?.action !== 'hook') continue;
      this.#note(eventId);
      void this.#run(incident_id, rule, eventId);
    }
  }

  #note(eventId: string): void {
    this.#asked.add(eventId);
    for (const oldest of this.#asked) {
      if (this.#asked.size <= MAX_ASKED) break;
      this.#asked.delete(oldest);
    }
  }

  async #run(incidentId: string, rule: Rule, eventId: string): Promise<void> {
    try {
      if (rule.hook_id === undefined) throw new RequestError('invalid_request', 'the rule names no hook');
      const how = { by: `rule ${rule.name}`, idempotencyKey: `rule-${eventId}`, confirm: undefined };
      const states: HookRun['state'][] = [];
      for await (const { state } of this.#deps.hooks.run(incidentId, rule.hook_id, how)) states.push(state);
    } catch (error) {
      this.#deps.tell(incidentId, rule, error);
    }
  }
}
