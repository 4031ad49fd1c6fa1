import type {
  HealthMap,
  Hook,
  HookBody,
  HookRun,
  MaintenanceWindow,
  Rule,
  RuleBody,
  Silence,
} from '@sentinellog/shared';
import { createStore } from 'zustand/vanilla';
import type { Answer } from '../../bridge/calls.ts';
import type { Existing, HookOrder, ShownWindow } from '../../bridge/policy-calls.ts';
import { AgentQuestion } from './agent-question.ts';
import type { Console } from './console.ts';
import { TOAST_MS } from './toasts.ts';

/** A run as far as it has been heard of, for its log. */
export interface RunLog {
  readonly agentId: string;
  readonly states: readonly HookRun[];
  readonly error: string | null;
}

/** What one stands on in these views; `agentId id`, as `placeKey` makes it. It outlives a look elsewhere. */
export interface Places {
  readonly rule: string | null;
  readonly hook: string | null;
  readonly service: string | null;
  readonly tab: RulesTab;
}

export const RULES_TABS = ['rules', 'silences', 'windows', 'routing'] as const;
export type RulesTab = (typeof RULES_TABS)[number];

export function placeKey(agentId: string, id: string): string {
  return `${agentId} ${id}`;
}

/** Everything behind the screens of rules, automation and the map. Loaded with the first of them. */
export class PolicyDesk {
  readonly map: AgentQuestion<HealthMap>;
  readonly rules: AgentQuestion<readonly Rule[]>;
  readonly silences: AgentQuestion<readonly Silence[]>;
  readonly windows: AgentQuestion<readonly ShownWindow[]>;
  readonly hooks: AgentQuestion<readonly Hook[]>;
  readonly places = createStore<Places>(() => ({ rule: null, hook: null, service: null, tab: 'rules' }));
  /** Text that is not saved yet, by what it is of; it outlives a look elsewhere, too. */
  readonly drafts = createStore<ReadonlyMap<string, string>>(() => new Map());
  /** The run that was started last. */
  readonly run = createStore<{ readonly log: RunLog | null }>(() => ({ log: null }));
  readonly #console: Console;

  constructor(console: Console) {
    const { bridge, now } = console;
    this.#console = console;
    this.map = new AgentQuestion((agentId) => bridge.healthMap({ agentId }), now);
    this.rules = new AgentQuestion((agentId) => bridge.rules({ agentId }), now);
    this.silences = new AgentQuestion((agentId) => bridge.silences({ agentId }), now);
    this.windows = new AgentQuestion((agentId) => bridge.windows({ agentId }), now);
    this.hooks = new AgentQuestion((agentId) => bridge.hooks({ agentId }), now);
    bridge.onEvent((event) => {
      if (event.type === 'hookRun') this.#hear(event.agentId, event.run);
    });
  }

  draft(key: string, text: string | null): void {
    const drafts = new Map(this.drafts.getState());
    if (text === null) drafts.delete(key);
    else drafts.set(key, text);
    this.drafts.setState(drafts, true);
  }

  /** On or off, with a way back; the answer says why it was not done. */
  async switchRule(agentId: string, rule: Rule, enabled: boolean): Promise<Answer<Rule>> {
    const existing = { id: rule.rule_id, version: rule.version };
    const answer = await this.saveRule(agentId, existing, { ...ruleBodyOf(rule), enabled });
    const { toasts } = this.#console.incidents;
    const what = `${rule.name}@${this.#codeOf(agentId)}`;
    if (answer.ok) {
      const text = `${enabled ? 'Switched on' : 'Switched off'} ${what}`;
      const { undoOffers } = this.#console;
      const undo = undoOffers.offer(text, () => void this.switchRule(agentId, answer.value, !enabled));
      toasts.show({ text, tone: 'good', forMs: TOAST_MS, actions: [{ label: 'Undo', keys: 'z', run: undo }] });
    } else {
      const text = `${what} was not switched: ${answer.error.detail}`;
      toasts.show({ text, tone: 'bad', forMs: null, actions: [] });
    }
    return answer;
  }

  async saveRule(agentId: string, existing: Existing | null, rule: RuleBody): Promise<Answer<Rule>> {
    const answer = await this.#console.bridge.saveRule({ agentId, existing, rule });
    if (answer.ok) {
      const saved = answer.value;
      this.rules.change(agentId, (rules) =>
        [...rules.filter(({ rule_id }) => rule_id !== saved.rule_id), saved].toSorted((a, b) =>
          a.name < b.name ? -1 : 1,
        ),
      );
      this.#record(`Saved rule ${saved.name}@${this.#codeOf(agentId)}`);
    } else void this.rules.ask(agentId);
    return answer;
  }

  async removeRule(agentId: string, rule: Rule): Promise<Answer<null>> {
    const existing = { id: rule.rule_id, version: rule.version };
    const answer = await this.#console.bridge.removeRule({ agentId, existing });
    if (answer.ok) {
      this.rules.change(agentId, (rules) => rules.filter(({ rule_id }) => rule_id !== rule.rule_id));
      this.#record(`Removed rule ${rule.name}@${this.#codeOf(agentId)}`);
    } else void this.rules.ask(agentId);
    return answer;
  }

  async endSilence(agentId: string, silenceId: string): Promise<Answer<Silence>> {
    const answer = await this.#console.bridge.endSilence({ agentId, silenceId });
    if (answer.ok) {
      const ended = answer.value;
      this.silences.change(agentId, (all) => all.map((one) => (one.silence_id === silenceId ? ended : one)));
      this.#record(`Ended a silence on ${this.#codeOf(agentId)}`);
    } else void this.silences.ask(agentId);
    return answer;
  }

  async saveWindow(
    agentId: string,
    existing: Existing | null,
    window: MaintenanceWindow,
  ): Promise<Answer<ShownWindow>> {
    const answer = await this.#console.bridge.saveWindow({ agentId, existing, window });
    if (answer.ok) this.#record(`Saved maintenance window ${window.name}@${this.#codeOf(agentId)}`);
    await this.windows.ask(agentId);
    return answer;
  }

  async removeWindow(agentId: string, { id, version, name }: ShownWindow): Promise<Answer<null>> {
    const answer = await this.#console.bridge.removeWindow({ agentId, existing: { id, version } });
    if (answer.ok) this.#record(`Removed maintenance window ${name}@${this.#codeOf(agentId)}`);
    await this.windows.ask(agentId);
    return answer;
  }

  async saveHook(agentId: string, existing: Existing | null, hook: HookBody): Promise<Answer<Hook>> {
    const answer = await this.#console.bridge.saveHook({ agentId, existing, hook });
    if (answer.ok) this.#record(`Saved hook ${hook.name}@${this.#codeOf(agentId)}`);
    await this.hooks.ask(agentId);
    return answer;
  }

  /** Runs it; the log fills as its states come. A retry after a lost answer carries the same key. */
  async runHook(agentId: string, order: HookOrder): Promise<Answer<HookRun>> {
    this.run.setState({ log: { agentId, states: [], error: null } });
    const answer = await this.#console.bridge.runHook({ agentId, ...order });
    if (answer.ok) this.#record(`${answer.value.hook_name}@${this.#codeOf(agentId)}: ${answer.value.state}`);
    else {
      const { log } = this.run.getState();
      if (log !== null) this.run.setState({ log: { ...log, error: answer.error.detail } });
    }
    void this.hooks.ask(agentId);
    return answer;
  }

  #hear(agentId: string, run: HookRun): void {
    const { log } = this.run.getState();
    if (log?.agentId !== agentId) return;
    const [first] = log.states;
    if (first !== undefined && first.run_id !== run.run_id) return;
    this.run.setState({ log: { ...log, states: [...log.states, run] } });
  }

  #codeOf(agentId: string): string {
    return this.#console.agent(agentId)?.saved.code ?? agentId;
  }

  #record(lastAction: string): void {
    this.#console.patchView({ lastAction });
    this.#console.announce(lastAction);
  }
}

/** What a person wrote of a rule, without what the agent keeps about it. */
export function ruleBodyOf({
  rule_id: _ruleId,
  shipped_as: _shippedAs,
  version: _version,
  updated_by: _updatedBy,
  updated_at_ms: _updatedAtMs,
  ...body
}: Rule): RuleBody {
  return body;
}

/** The same of a hook; its secret is written and never read back. */
export function hookBodyOf({
  hook_id: _hookId,
  has_secret: _hasSecret,
  last_run: _lastRun,
  version: _version,
  updated_by: _updatedBy,
  updated_at_ms: _updatedAtMs,
  ...body
}: Hook): HookBody {
  return body;
}

const desks = new WeakMap<Console, PolicyDesk>();

/** The one desk of a console. */
export function policyDeskOf(console: Console): PolicyDesk {
  const desk = desks.get(console) ?? new PolicyDesk(console);
  desks.set(console, desk);
  return desk;
}
