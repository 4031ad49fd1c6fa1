import {
  RuleBodySchema,
  type HealthMap,
  type Hook,
  type HookPreview,
  type HookRun,
  type Incident,
  type Rule,
  type RuleBody,
  type RuleDryRun,
  type RuleImportAnswer,
  type Silence,
  type SilenceCreate,
} from '@sentinellog/shared';
import { z } from 'zod';
import type { Answer, Calls } from '../../bridge/calls.ts';
import type { ShownWindow } from '../../bridge/policy-calls.ts';
import type { FakeService } from './fake-traffic.ts';

const DAY_MS = 86_400_000;
const SCOPE = { services: [], tags: [], levels: [], fields: [] };

/** The five rules that ship, as an agent has them. */
const RULES: readonly (RuleBody & { readonly shipped_as: string })[] = [
  {
    shipped_as: 'db-connection-failure',
    name: 'Database connection failure',
    enabled: true,
    severity: 'P1',
    scope: { ...SCOPE, levels: ['error'], text: 'connection refused' },
    condition: { kind: 'count', above: 5 },
    window_seconds: 60,
    group_by: 'service',
    for_seconds: 0,
    action: 'page',
    message: '{service} cannot reach its database: {count} refused in {window}',
  },
  {
    shipped_as: 'error-spike',
    name: 'Error spike',
    enabled: true,
    severity: 'P2',
    scope: { ...SCOPE, levels: ['error'] },
    condition: { kind: 'ratio', above: 0.05, of_at_least: 100 },
    window_seconds: 300,
    group_by: 'service',
    for_seconds: 60,
    action: 'notify',
    message: '{count} errors of {service} in {window}',
  },
  {
    shipped_as: 'service-down',
    name: 'Service down',
    enabled: true,
    severity: 'P1',
    scope: SCOPE,
    condition: { kind: 'absence' },
    window_seconds: 300,
    group_by: 'source',
    for_seconds: 0,
    action: 'page',
    message: '{service} has not logged for {window}',
  },
  {
    shipped_as: 'slow-response',
    name: 'Slow response',
    enabled: true,
    severity: 'P3',
    scope: { ...SCOPE, services: ['api-*', 'payment-*'] },
    condition: { kind: 'latency', quantile: 0.95, above_ms: 2000 },
    window_seconds: 300,
    group_by: 'service',
    for_seconds: 120,
    action: 'notify',
    message: 'p95 of {service} is above {threshold} ms',
  },
  {
    shipped_as: 'suspicious-user',
    name: 'Suspicious user activity',
    enabled: false,
    severity: 'P3',
    scope: { ...SCOPE, services: ['auth-service'], text: 'login failed' },
    condition: { kind: 'count', above: 20 },
    window_seconds: 600,
    group_by: { field: 'user_id' },
    for_seconds: 0,
    action: 'review',
    message: '{count} failed logins of {group} in {window}',
  },
];

const HOOKS = [
  { name: 'Restart payment-service', effect: 'restart', services: ['payment-*'], enabled: true, guarded: true },
  { name: 'Scale api-gateway by two pods', effect: 'scale', services: ['api-gateway'], enabled: true, guarded: false },
  { name: 'Retry failed charges', effect: 'retry', services: ['payment-*'], enabled: true, guarded: false },
  { name: 'Open a ticket', effect: 'notify', services: [], enabled: false, guarded: false },
] as const;

/** Who calls whom in the made-up world. */
const EDGES = [
  ['api-gateway', 'auth-service'],
  ['api-gateway', 'catalog-service'],
  ['api-gateway', 'order-service'],
  ['api-gateway', 'search-service'],
  ['order-service', 'payment-service'],
  ['order-service', 'inventory-service'],
  ['payment-service', 'email-worker'],
  ['search-service', 'catalog-service'],
] as const;

const NOT_FOUND: Answer<never> = {
  ok: false,
  error: { code: 'not_found', detail: 'there is nothing with this id', retryable: false },
};
const CONFLICT: Answer<never> = {
  ok: false,
  error: { code: 'conflict', detail: 'lena has changed it since you read it', retryable: false },
};
const UNREACHABLE: Answer<never> = {
  ok: false,
  error: { code: 'timeout', detail: 'no answer within 5 s', retryable: true },
};

export interface FakePoliciesOptions {
  readonly now: () => number;
  readonly code: string;
  readonly incidents: () => readonly Incident[];
  readonly services: () => readonly { readonly sourceId: string; readonly service: FakeService }[];
  readonly say: (run: HookRun) => void;
}

/** An agent's rules, silences, windows and hooks as the contract describes them: versions, 409s, cooldowns. */
export class FakePolicies {
  /** How it answers: as it should, with nothing set up, or not at all. */
  mood: 'well' | 'empty' | 'down' = 'well';
  readonly #options: FakePoliciesOptions;
  #rules: readonly Rule[];
  #silences: readonly Silence[];
  #windows: readonly ShownWindow[];
  #hooks: readonly Hook[];
  #runs: readonly HookRun[];
  #made = 0;

  constructor(options: FakePoliciesOptions) {
    this.#options = options;
    const nowMs = options.now();
    this.#rules = RULES.map((rule, i) => ({
      ...rule,
      rule_id: `01996f20-0000-7000-8000-00000000000${i}`,
      version: 1,
      updated_by: i === 4 ? 'lena' : 'SentinelLog',
      updated_at_ms: nowMs - (i + 1) * 3 * DAY_MS,
    }));
    this.#silences = [
      {
        silence_id: 'silence-1',
        scope: { kind: 'service', service: 'email-worker' },
        reason: 'Provider maintenance until noon',
        created_by: 'mia',
        starts_at_ms: nowMs - 2_400_000,
        ends_at_ms: nowMs + 4_800_000,
        ended_at_ms: null,
        ended_because: null,
        hid: { alerts: 3, notices: 4, peak_score: 4.2 },
      },
      {
        silence_id: 'silence-2',
        scope: { kind: 'source', source_id: 'search-service' },
        reason: 'Reindex, known',
        created_by: 'lena',
        starts_at_ms: nowMs - 9 * 3_600_000,
        ends_at_ms: null,
        ended_at_ms: nowMs - 3_600_000,
        ended_because: 'worse_volume',
        hid: { alerts: 11, notices: 6, peak_score: 6.8 },
      },
    ];
    this.#windows = [
      {
        id: 'weekly-reindex',
        name: 'Weekly reindex',
        reason: 'The search index is rebuilt; error lines are expected',
        enabled: true,
        tenant: null,
        services: ['search-*'],
        sources: [],
        tags: [],
        time_zone: 'Europe/Berlin',
        from_date: '2026-01-03',
        until_date: null,
        starts: '22:00',
        ends: '04:00',
        plus_days: 0,
        repeats: { every: 'week', interval: 1, days: ['sat'] },
        skip: [],
        version: 3,
        updated_at_ms: nowMs - 40 * DAY_MS,
        updated_by: 'lena',
        next: [2, 9, 16].map((days) => ({
          starts_at_ms: nowMs + days * DAY_MS,
          ends_at_ms: nowMs + days * DAY_MS + 6 * 3_600_000,
        })),
      },
    ];
    this.#hooks = HOOKS.map(({ name, effect, services, enabled, guarded }, i) => ({
      name,
      enabled,
      effect,
      services: [...services],
      url: `https://hooks.${options.code.toLowerCase()}.example/sentinel/${effect}`,
      body: `{"incident":"{{incident.key}}","service":"{{incident.service}}","cluster":"{{cluster}}"}`,
      cooldown_seconds: 300,
      protected: guarded,
      hook_id: `01996f30-0000-7000-8000-00000000000${i}`,
      has_secret: true,
      last_run: null,
      version: 1,
      updated_by: 'lena',
      updated_at_ms: nowMs - 9 * DAY_MS,
    }));
    this.#runs = [this.#run(this.#hooks[2]!, 'incident', nowMs - 5_400_000, 'succeeded')];
    this.#hooks = this.#hooks.map((hook, i) => (i === 2 ? { ...hook, last_run: this.#runs[0]! } : hook));
  }

  // What is read

  map(): Answer<HealthMap> {
    if (this.mood === 'down') return UNREACHABLE;
    const services = this.mood === 'empty' ? [] : this.#options.services();
    const open = this.#options.incidents().filter(({ state, firing }) => state !== 'RESOLVED' && firing);
    const nodes = services.map(({ sourceId, service }): HealthMap['nodes'][number] => {
      const mine = open.filter((incident) => incident.services.includes(service.service));
      return {
        service: service.service,
        source_ids: [sourceId],
        health: mine.map(({ severity }) => severity).toSorted()[0] ?? (service.learntHours < 12 ? 'unknown' : 'ok'),
        events_per_second: service.rate,
        error_share: service.errorShare,
        last_seen_ms: this.#options.now() - 400,
        incident_ids: mine.map(({ incident_id }) => incident_id),
      };
    });
    const known = new Set(nodes.map(({ service }) => service));
    const edges = EDGES.filter(([from, to]) => known.has(from) && known.has(to));
    return ok({ at_ms: this.#options.now(), nodes, edges: edges.map(([from, to]) => ({ from, to, weight: 12 })) });
  }

  rules(): Answer<readonly Rule[]> {
    return this.#list(this.#rules);
  }

  silences(): Answer<readonly Silence[]> {
    return this.#list(this.#silences);
  }

  windows(): Answer<readonly ShownWindow[]> {
    return this.#list(this.#windows);
  }

  hooks(): Answer<readonly Hook[]> {
    return this.#list(this.#hooks);
  }

  hookRuns(hookId: string): Answer<readonly HookRun[]> {
    return this.#list(this.#runs.filter(({ hook_id }) => hook_id === hookId));
  }

  #list<T>(list: readonly T[]): Answer<readonly T[]> {
    return this.mood === 'down' ? UNREACHABLE : ok(this.mood === 'empty' ? [] : list);
  }

  // What is changed

  saveRule({ existing, rule }: Pick<Calls['saveRule'][0], 'existing' | 'rule'>): Answer<Rule> {
    const known = this.#rules.find(({ rule_id }) => rule_id === existing?.id);
    if (existing !== null && known === undefined) return NOT_FOUND;
    if (known !== undefined && known.version !== existing?.version) return CONFLICT;
    if (this.#rules.some(({ name, rule_id }) => name === rule.name && rule_id !== existing?.id)) {
      return refused(`a rule is called ${rule.name} already`);
    }
    const saved: Rule = {
      ...rule,
      rule_id: known?.rule_id ?? `01996f20-1111-7000-8000-${String(this.#made++).padStart(12, '0')}`,
      shipped_as: known?.shipped_as ?? null,
      version: (known?.version ?? 0) + 1,
      updated_by: 'mia',
      updated_at_ms: this.#options.now(),
    };
    this.#rules = [...this.#rules.filter(({ rule_id }) => rule_id !== saved.rule_id), saved].toSorted(byName);
    return ok(saved);
  }

  removeRule({ existing }: Pick<Calls['removeRule'][0], 'existing'>): Answer<null> {
    const known = this.#rules.find(({ rule_id }) => rule_id === existing.id);
    if (known === undefined) return NOT_FOUND;
    if (known.version !== existing.version) return CONFLICT;
    this.#rules = this.#rules.filter((rule) => rule !== known);
    return ok(null);
  }

  importRules({ document, mode }: Pick<Calls['importRules'][0], 'document' | 'mode'>): Answer<RuleImportAnswer> {
    const Document = z.object({ schemaVersion: z.literal(1), rules: z.array(RuleBodySchema) });
    const parsed = Document.safeParse(jsonOf(document));
    if (!parsed.success) return refused('the document is neither JSON nor YAML of rules: rules.0.name is missing');
    const { rules } = parsed.data;
    const isSame = (rule: RuleBody) => {
      const known = this.#rules.find(({ name }) => name === rule.name);
      return known !== undefined && JSON.stringify(RuleBodySchema.strip().parse(known)) === JSON.stringify(rule);
    };
    const isKnown = ({ name }: RuleBody) => this.#rules.some((rule) => rule.name === name);
    const answer: RuleImportAnswer = {
      add: rules.filter((rule) => !isKnown(rule)).map(nameOf),
      change: rules.filter((rule) => isKnown(rule) && !isSame(rule)).map(nameOf),
      same: rules.filter(isSame).map(nameOf),
    };
    if (mode === 'apply') {
      for (const rule of rules) {
        const known = this.#rules.find(({ name }) => name === rule.name);
        this.saveRule({ existing: known === undefined ? null : { id: known.rule_id, version: known.version }, rule });
      }
    }
    return ok(answer);
  }

  dryRunRule(rule: RuleBody): Answer<RuleDryRun> {
    const toMs = this.#options.now();
    const count = rule.condition.kind === 'absence' ? 0 : 12;
    const fired = Array.from({ length: count }, (_, i) => {
      const atMs = toMs - 6.5 * DAY_MS + i * 0.5 * DAY_MS;
      return {
        at_ms: atMs,
        until_ms: atMs + 240_000,
        group: i % 3 === 0 ? 'payment-service' : 'api-gateway',
        value: i,
      };
    });
    return ok({ from_ms: toMs - 7 * DAY_MS, to_ms: toMs, fired, blind_to: [] });
  }

  createSilence({ scope, reason, ends_at_ms }: SilenceCreate): Answer<Silence> {
    const made: Silence = {
      silence_id: `silence-${this.#silences.length + 1}`,
      scope,
      reason,
      created_by: 'mia',
      starts_at_ms: this.#options.now(),
      ends_at_ms,
      ended_at_ms: null,
      ended_because: null,
      hid: { alerts: 0, notices: 0, peak_score: 0 },
    };
    this.#silences = [...this.#silences, made];
    return { ok: true, value: made };
  }

  endSilence(silenceId: string): Answer<Silence> {
    const known = this.#silences.find(({ silence_id }) => silence_id === silenceId);
    if (known === undefined) return NOT_FOUND;
    const ended: Silence = { ...known, ended_at_ms: this.#options.now(), ended_because: 'removed' };
    this.#silences = this.#silences.map((silence) => (silence === known ? ended : silence));
    return ok(ended);
  }

  saveWindow({ existing, window }: Pick<Calls['saveWindow'][0], 'existing' | 'window'>): Answer<ShownWindow> {
    const known = this.#windows.find(({ id }) => id === existing?.id);
    if (known !== undefined && known.version !== existing?.version) return CONFLICT;
    const saved: ShownWindow = {
      ...window,
      version: (known?.version ?? 0) + 1,
      updated_at_ms: this.#options.now(),
      updated_by: 'mia',
      next: known?.next ?? [],
    };
    this.#windows = [...this.#windows.filter(({ id }) => id !== saved.id), saved];
    return ok(saved);
  }

  removeWindow({ existing }: Pick<Calls['removeWindow'][0], 'existing'>): Answer<null> {
    this.#windows = this.#windows.filter(({ id }) => id !== existing.id);
    return ok(null);
  }

  explainRouting({ question }: Pick<Calls['explainRouting'][0], 'question'>): Calls['explainRouting'][1] {
    if (this.mood === 'down') return UNREACHABLE;
    const severity = question.type === 'example' ? question.example.severity : 'P1';
    const isPage = severity === 'P1' || severity === 'P2';
    const policy = 'default';
    return ok({
      at_ms: this.#options.now(),
      summary: isPage
        ? `${severity} pages PagerDuty at once and tells Slack #incidents`
        : `${severity} is collected for Slack #incidents and paged to nobody`,
      rules: [
        {
          policy,
          rule: 'Page what is urgent',
          outcome: isPage ? 'matched' : 'not_matched',
          because: isPage ? `${severity} is P2 or worse` : `${severity} is not P2 or worse`,
        },
        {
          policy,
          rule: 'Everything else in business hours',
          outcome: isPage ? 'not_reached' : 'matched',
          because: isPage ? 'a rule above has decided' : 'it matches everything',
        },
      ],
      told: isPage
        ? [
            {
              channel_id: 'pagerduty-prod',
              not_before_ms: this.#options.now(),
              batch: false,
              because: 'it is told at once',
            },
            {
              channel_id: 'slack-incidents',
              not_before_ms: this.#options.now(),
              batch: false,
              because: 'it is told at once',
            },
          ]
        : [
            {
              channel_id: 'slack-incidents',
              not_before_ms: this.#options.now() + 3_600_000,
              batch: true,
              because: 'it waits for business hours',
            },
          ],
      not_told: isPage ? [] : [{ target: 'kind:pagerduty', because: `PagerDuty hears of P1 and P2 only` }],
      escalation: isPage
        ? [{ after_minutes: 15, channel_ids: ['pagerduty-lead'], because: 'nobody has acknowledged by then' }]
        : [],
    });
  }

  saveHook({ existing, hook }: Pick<Calls['saveHook'][0], 'existing' | 'hook'>): Answer<Hook> {
    const known = this.#hooks.find(({ hook_id }) => hook_id === existing?.id);
    if (known !== undefined && known.version !== existing?.version) return CONFLICT;
    const { secret, ...rest } = hook;
    const saved: Hook = {
      ...rest,
      hook_id: known?.hook_id ?? `01996f30-1111-7000-8000-${String(this.#made++).padStart(12, '0')}`,
      has_secret: secret !== undefined || (known?.has_secret ?? false),
      last_run: known?.last_run ?? null,
      version: (known?.version ?? 0) + 1,
      updated_by: 'mia',
      updated_at_ms: this.#options.now(),
    };
    this.#hooks = [...this.#hooks.filter(({ hook_id }) => hook_id !== saved.hook_id), saved];
    return ok(saved);
  }

  previewHook({ incidentId, hookId }: Pick<Calls['previewHook'][0], 'incidentId' | 'hookId'>): Answer<HookPreview> {
    const hook = this.#hooks.find(({ hook_id }) => hook_id === hookId);
    const incident = this.#options.incidents().find(({ incident_id }) => incident_id === incidentId);
    if (hook === undefined || incident === undefined) return NOT_FOUND;
    const cooldown = this.#cooldownOf(hook);
    return ok({
      method: 'POST',
      url: hook.url,
      body: hook.body
        .replace('{{incident.key}}', incident.key)
        .replace('{{incident.service}}', incident.services[0] ?? '')
        .replace('{{cluster}}', this.#options.code),
      effect: hook.effect,
      needs_code: hook.protected ? this.#options.code : null,
      cooldown_left_seconds: cooldown,
      refused_because: cooldown > 0 ? `it ran ${300 - cooldown} s ago and may run every 300 s` : null,
      last_run: hook.last_run,
    });
  }

  async runHook(order: Omit<Calls['runHook'][0], 'agentId'>): Promise<Answer<HookRun>> {
    const hook = this.#hooks.find(({ hook_id }) => hook_id === order.hookId);
    if (hook === undefined) return NOT_FOUND;
    if (hook.protected && order.confirm !== this.#options.code) {
      return refused(`the hook is protected: confirm must be this cluster's code, ${this.#options.code}`);
    }
    const run = this.#run(hook, order.incidentId, this.#options.now(), 'queued');
    this.#options.say(run);
    this.#options.say({ ...run, state: 'running' });
    const done = this.#run(hook, order.incidentId, run.at_ms, 'succeeded');
    const last = { ...done, run_id: run.run_id };
    this.#options.say(last);
    this.#runs = [last, ...this.#runs];
    this.#hooks = this.#hooks.map((one) => (one === hook ? { ...hook, last_run: last } : one));
    return ok(last);
  }

  #cooldownOf({ last_run: lastRun, cooldown_seconds: cooldown }: Hook): number {
    return lastRun === null ? 0 : Math.max(0, Math.ceil(cooldown - (this.#options.now() - lastRun.at_ms) / 1000));
  }

  #run(hook: Hook, incidentId: string, atMs: number, state: HookRun['state']): HookRun {
    const over = state === 'succeeded';
    return {
      run_id: `run-${this.#made++}`,
      hook_id: hook.hook_id,
      hook_name: hook.name,
      incident_id: incidentId,
      at_ms: atMs,
      by: 'mia',
      state,
      status_code: over ? 202 : null,
      answer: over ? '{"accepted":true,"job":"restart-payment-7741"}' : '',
      took_ms: over ? 412 : null,
    };
  }
}

function ok<T>(value: T): Answer<T> {
  return { ok: true, value };
}

function nameOf({ name }: RuleBody): string {
  return name;
}

function refused(detail: string): Answer<never> {
  return { ok: false, error: { code: 'invalid_request', detail, retryable: false } };
}

function byName(a: Rule, b: Rule): number {
  return a.name < b.name ? -1 : 1;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
