/**
 * Threshold rules, judged on what the tally has reduced each second to: counts, templates, sketches and the few fields that a rule
 * names. No event is looked at again, and none is made into an object.
 */
import type { FrameCounts, SecondDetails } from '@sentinellog/detector';
import { type Anomaly, AnomalySchema, eventsOf, type Level, LEVELS, type Rule } from '@sentinellog/shared';
import { z } from 'zod';
import { matchesGlob } from '../pipeline/glob.ts';
import { type Breach, limitOf, ruleAnomaly, worsened } from './rule-anomaly.ts';
import { RuleWindow, type WindowPart } from './rule-window.ts';

/** Fields whose values are counted on the way in. */
export const RULE_FIELDS = ['user_id', 'status_code', 'trace_id', 'error_code'] as const;
export type RuleField = (typeof RULE_FIELDS)[number];

export interface RuleSource {
  readonly sourceId: string;
  readonly tenant: string;
  readonly service: string;
  readonly lastSeenMs: number;
  readonly live: boolean;
}

/** Events of a second that carried one value of a field. */
export interface FieldValue {
  readonly field: RuleField;
  /** Column of LEVELS. */
  readonly level: number;
  readonly value: string;
  readonly events: number;
}

export interface RuleBookParts {
  readonly now: () => number;
  readonly tagsOf: (sourceId: string) => readonly string[];
  /** Text and an example of a template, for rules about texts. */
  readonly textsOf: (templateId: string) => readonly string[];
  readonly onAnomaly: (anomaly: Anomaly) => void;
}

/** Groups of one rule that are remembered; of more, the ones with the least in their window are forgotten first. */
const MOST_GROUPS = 10_000;
const MOST_FIELD_GROUPS = 1000;
/** Templates whose text one rule has been held against. */
const MOST_TEXTS = 20_000;
/** Below its limit for so long is over: nothing flaps at the line. */
const CALM_SECONDS = 60;
/** How much worse is worth saying again. */
const WORSE_BY = 1.25;
const ERRORS: readonly Level[] = ['error', 'fatal'];
const NOTHING: SecondDetails = { latency: [], templates: [] };

interface Group {
  readonly source: Pick<RuleSource, 'sourceId' | 'service'>;
  readonly name: string;
  readonly window: RuleWindow;
  /** Since when the condition has held without a break; null: it does not. */
  holdsSince: number | null;
  calmSince: number | null;
  /** Last matching event, for a rule about absence. */
  last: number;
  open: Anomaly | null;
  told: number;
}

interface Compiled {
  readonly rule: Rule;
  readonly groups: Map<string, Group>;
  readonly covers: Map<string, boolean>;
  readonly texts: Map<string, boolean>;
  sweptAt: number;
}

const StoredSchema = z.object({
  version: z.literal(1),
  blind: z.array(z.tuple([z.string(), z.number()])),
  groups: z.array(
    z.object({
      rule: z.string(),
      key: z.string(),
      source: z.object({ sourceId: z.string(), service: z.string() }),
      name: z.string(),
      pieces: z.array(
        z.tuple([z.number(), z.number(), z.number(), z.array(z.tuple([z.number(), z.number()])), z.array(z.string())]),
      ),
      holdsSince: z.number().nullable(),
      calmSince: z.number().nullable(),
      last: z.number(),
      told: z.number(),
      open: AnomalySchema.nullable(),
    }),
  ),
});

export class RuleBook {
  readonly #parts: RuleBookParts;
  #rules: Compiled[] = [];
  /** The last second of a source in which nobody was looking. */
  readonly #blind = new Map<string, number>();
  #restored: z.infer<typeof StoredSchema>['groups'] = [];
  #changed = false;
  #overflow = 0;

  constructor(parts: RuleBookParts) {
    this.#parts = parts;
  }

  /** Groups that were forgotten to make room. */
  get overflow(): number {
    return this.#overflow;
  }

  /** The whole set of rules, from the next second on. What a rule that stays has counted stays; of one that went, all ends. */
  setRules(rules: readonly Rule[]): void {
    const before = new Map(this.#rules.map((compiled) => [compiled.rule.rule_id, compiled]));
    this.#rules = rules
      .filter((rule) => rule.enabled && whyNot(rule) === null)
      .map((rule) => {
        const known = before.get(rule.rule_id);
        if (known?.rule.version === rule.version) {
          before.delete(rule.rule_id);
          return known;
        }
        return { rule, groups: new Map(), covers: new Map(), texts: new Map(), sweptAt: 0 };
      });
    for (const { groups } of before.values()) for (const group of groups.values()) this.#end(group);
    this.#takeRestored();
    this.#changed = true;
  }

  /** One that is judged. */
  rule(ruleId: string): Rule | undefined {
    return this.#rules.find(({ rule }) => rule.rule_id === ruleId)?.rule;
  }

  /** Fields to be counted, each once, with the columns of LEVELS that are asked for (none: all). */
  get wishes(): readonly { readonly field: RuleField; readonly levels: readonly number[] }[] {
    const byField = new Map<RuleField, Set<number> | 'all'>();
    for (const { rule } of this.#rules) {
      for (const field of fieldsOf(rule)) {
        const { levels } = rule.scope;
        const known = byField.get(field) ?? new Set<number>();
        if (levels.length === 0 || known === 'all') byField.set(field, 'all');
        else byField.set(field, new Set([...known, ...levels.map((level) => LEVELS.indexOf(level))]));
      }
    }
    return Array.from(byField, ([field, levels]) => ({ field, levels: levels === 'all' ? [] : [...levels] }));
  }

  /** Tags of sources have changed. */
  forgetScopes(): void {
    for (const { covers } of this.#rules) covers.clear();
  }

  /** A second has closed: every second of a source once and in order; null where nobody was looking. */
  secondClosed(
    source: RuleSource,
    second: number,
    counts: FrameCounts | null,
    details: SecondDetails | null,
    fields: Iterable<FieldValue>,
  ): void {
    if (this.#rules.length === 0) return;
    if (counts === null) {
      this.#blind.set(source.sourceId, second);
      return;
    }
    for (const compiled of this.#rules) {
      if (!this.#covers(compiled, source)) continue;
      this.#count(compiled, source, second, counts, details ?? NOTHING, fields);
    }
  }

  /** What the windows hold, if that has changed. */
  takeState(): Uint8Array | undefined {
    if (!this.#changed) return undefined;
    this.#changed = false;
    const groups = this.#rules.flatMap(({ rule, groups: all }) =>
      Array.from(all, ([key, { window, ...group }]) => ({
        rule: rule.rule_id,
        key,
        ...group,
        source: { sourceId: group.source.sourceId, service: group.source.service },
        pieces: window.stored(),
      })),
    );
    return Buffer.from(JSON.stringify({ version: 1, blind: [...this.#blind], groups }));
  }

  /** The commit failed. */
  giveBack(): void {
    this.#changed = true;
  }

  /** Before `setRules`. What was open and is in no window any more is over. */
  restore(state: Uint8Array | null, openAnomalies: readonly Anomaly[]): void {
    if (state !== null) {
      const { blind, groups } = StoredSchema.parse(JSON.parse(Buffer.from(state).toString()));
      for (const [sourceId, second] of blind) this.#blind.set(sourceId, second);
      this.#restored = groups;
    }
    const known = new Set(this.#restored.map(({ open }) => open?.event_id));
    for (const anomaly of openAnomalies) {
      if (anomaly.signal.startsWith('rule:') && !known.has(anomaly.event_id)) this.#publish(over(anomaly));
    }
  }

  #takeRestored(): void {
    const byRule = new Map(this.#rules.map((compiled) => [compiled.rule.rule_id, compiled]));
    for (const { rule, key, pieces, ...group } of this.#restored) {
      const compiled = byRule.get(rule);
      if (compiled === undefined) {
        if (group.open) this.#publish(over(group.open));
        continue;
      }
      const window = new RuleWindow(compiled.rule.window_seconds);
      window.restore(pieces);
      compiled.groups.set(key, { ...group, window });
    }
    this.#restored = [];
  }

  #covers({ rule, covers }: Compiled, { sourceId, service }: RuleSource): boolean {
    const known = covers.get(sourceId);
    if (known !== undefined) return known;
    const { services, tags } = rule.scope;
    const isCovered =
      (services.length === 0 || services.some((glob) => matchesGlob(glob, service))) &&
      (tags.length === 0 || this.#parts.tagsOf(sourceId).some((tag) => tags.includes(tag)));
    covers.set(sourceId, isCovered);
    return isCovered;
  }

  #count(
    compiled: Compiled,
    source: RuleSource,
    second: number,
    counts: FrameCounts,
    details: SecondDetails,
    fields: Iterable<FieldValue>,
  ): void {
    const { rule, groups } = compiled;
    if (typeof rule.group_by !== 'string') {
      this.#countByField(compiled, source, second, fields);
      return;
    }
    const part = this.#partOf(compiled, counts, details, fields);
    const key = source.sourceId;
    if (rule.condition.kind === 'absence') return this.#judgeAbsence(compiled, source, second, part.matching > 0);
    const isHere = part.matching > 0 || (rule.condition.kind === 'ratio' && part.all > 0);
    if (isHere) this.#groupOf(compiled, key, source, '').window.add(second, part);
    const group = groups.get(key);
    if (group) this.#judge(compiled, key, group, second);
  }

  #countByField(compiled: Compiled, source: RuleSource, second: number, fields: Iterable<FieldValue>): void {
    const { rule, groups } = compiled;
    const asked = typeof rule.group_by === 'string' ? null : rule.group_by.field;
    for (const { field, level, value, events } of fields) {
      if (field !== asked || !hasLevel(rule, level)) continue;
      const key = `${source.tenant} ${value}`;
      this.#groupOf(compiled, key, source, value).window.add(second, { matching: events, all: events });
      const group = groups.get(key);
      if (group) this.#judge(compiled, key, group, second);
    }
    // A group that is not heard of any more goes quiet all the same.
    if (second <= compiled.sweptAt) return;
    compiled.sweptAt = second;
    for (const [key, group] of groups) this.#judge(compiled, key, group, second);
  }

  #partOf(
    compiled: Compiled,
    counts: FrameCounts,
    details: SecondDetails,
    fields: Iterable<FieldValue>,
  ): WindowPart & { readonly matching: number } {
    const { rule } = compiled;
    const { levels, text, fields: equal } = rule.scope;
    const all = eventsOf(counts);
    if (rule.condition.kind === 'distinct') {
      const asked = rule.condition.field;
      const values = [...fields].filter(({ field, level }) => field === asked && hasLevel(rule, level));
      return { matching: values.length, all, values: values.map(({ value }) => value) };
    }
    if (text !== undefined) {
      const said = details.templates.filter(({ id }) => this.#says(compiled, id));
      const isErrors = levels.length > 0;
      return { matching: said.reduce((sum, { events, errors }) => sum + (isErrors ? errors : events), 0), all };
    }
    const [wanted] = equal;
    if (wanted !== undefined) {
      let matching = 0;
      for (const { field, level, value, events } of fields)
        if (field === wanted.field && value === wanted.equals && hasLevel(rule, level)) matching += events;
      return { matching, all };
    }
    if (rule.condition.kind === 'latency') return { matching: details.latency.length, all, latency: details.latency };
    return { matching: levels.length === 0 ? all : levels.reduce((sum, level) => sum + counts[level], 0), all };
  }

  /** Whether the messages of a template hold the rule's text. */
  #says({ rule, texts }: Compiled, templateId: string): boolean {
    const known = texts.get(templateId);
    if (known !== undefined) return known;
    const wanted = (rule.scope.text ?? '').toLowerCase();
    const candidates = this.#parts.textsOf(templateId);
    const says = candidates.some((candidate) => candidate.toLowerCase().includes(wanted));
    if (texts.size >= MOST_TEXTS) texts.clear();
    if (candidates.length > 0) texts.set(templateId, says);
    return says;
  }

  #groupOf(compiled: Compiled, key: string, source: RuleSource, name: string): Group {
    this.#changed = true;
    const known = compiled.groups.get(key);
    if (known) return known;
    const most = typeof compiled.rule.group_by === 'string' ? MOST_GROUPS : MOST_FIELD_GROUPS;
    if (compiled.groups.size >= most) this.#makeRoom(compiled);
    const window = new RuleWindow(compiled.rule.window_seconds);
    const group: Group = {
      source: { sourceId: source.sourceId, service: source.service },
      name,
      window,
      holdsSince: null,
      calmSince: null,
      last: 0,
      open: null,
      told: 0,
    };
    compiled.groups.set(key, group);
    return group;
  }

  /** Heavy hitters stay: the one with the least goes. */
  #makeRoom({ groups }: Compiled): void {
    let least: string | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const [key, { window, open }] of groups) {
      const { matching } = window.sums();
      if (open !== null || matching >= fewest) continue;
      least = key;
      fewest = matching;
      if (fewest <= 1) break;
    }
    this.#overflow++;
    if (least !== undefined) groups.delete(least);
  }

  #judgeAbsence(compiled: Compiled, source: RuleSource, second: number, isHere: boolean): void {
    const { rule, groups } = compiled;
    const isOfAll = rule.scope.levels.length === 0 && rule.scope.text === undefined && rule.scope.fields.length === 0;
    const known = groups.get(source.sourceId);
    const group = isHere && !isOfAll ? this.#groupOf(compiled, source.sourceId, source, '') : known;
    if (group && isHere) group.last = second;
    const spoke = isOfAll ? Math.floor(source.lastSeenMs / 1000) : (group?.last ?? 0);
    if (spoke === 0 || !source.live) return;
    const silent = second - Math.max(spoke, this.#blind.get(source.sourceId) ?? 0);
    const isAbsent = silent >= rule.window_seconds;
    if (!isAbsent && !group) return;
    const kept = group ?? this.#groupOf(compiled, source.sourceId, source, '');
    // One that speaks again is back at once.
    this.#settle(compiled, kept, second, isAbsent ? { value: silent, events: 0 } : null, 0);
    if (isOfAll && kept.open === null && !isAbsent) groups.delete(source.sourceId);
  }

  #judge(compiled: Compiled, key: string, group: Group, second: number): void {
    const { rule, groups } = compiled;
    const isCostly = rule.condition.kind === 'latency' || rule.condition.kind === 'distinct';
    if (isCostly && !group.window.isDue(second)) return;
    group.window.slide(second, rule.window_seconds);
    this.#settle(compiled, group, second, exceeding(rule, group.window), CALM_SECONDS);
    if (group.window.isEmpty && group.open === null) groups.delete(key);
  }

  /** The condition holds with a value, or (null) does not. */
  #settle(
    { rule }: Compiled,
    group: Group,
    second: number,
    held: { readonly value: number; readonly events: number } | null,
    calmSeconds: number,
  ): void {
    if (held === null) {
      group.holdsSince = null;
      group.calmSince ??= second;
      if (group.open !== null && second - group.calmSince >= calmSeconds) this.#end(group);
      return;
    }
    group.calmSince = null;
    group.holdsSince ??= second;
    if (second - group.holdsSince < rule.for_seconds) return;
    const breach: Breach = { rule, source: group.source, group: group.name, second, ...held };
    if (group.open === null) {
      group.told = held.value;
      group.open = ruleAnomaly(breach, this.#parts.now());
      this.#publish(group.open);
    } else if (held.value >= WORSE_BY * group.told) {
      group.told = held.value;
      group.open = worsened(group.open, breach);
      this.#publish(group.open);
    } else group.open = { ...group.open, last_outside_ms: (second + 1) * 1000 };
    this.#changed = true;
  }

  #end(group: Group): void {
    if (group.open === null) return;
    this.#publish(over(group.open));
    group.open = null;
    this.#changed = true;
  }

  #publish(anomaly: Anomaly): void {
    this.#parts.onAnomaly(anomaly);
  }
}

function over(anomaly: Anomaly): Anomaly {
  return { ...anomaly, state: 'recovered', ended_at_ms: anomaly.last_outside_ms };
}

/** The rule's figure where it holds, else null. */
function exceeding(rule: Rule, window: RuleWindow): { readonly value: number; readonly events: number } | null {
  const { condition } = rule;
  const { matching, all } = window.sums();
  const limit = limitOf(rule);
  const held = (value: number) => (value > limit ? { value, events: all } : null);
  switch (condition.kind) {
    case 'count':
      return held(matching);
    case 'ratio':
      return all >= condition.of_at_least ? held(matching / all) : null;
    case 'latency':
      return held(window.quantile(condition.quantile));
    case 'distinct':
      return held(window.distinct());
    case 'absence':
      return null;
    default:
      return condition satisfies never;
  }
}

function hasLevel({ scope }: Rule, level: number): boolean {
  return scope.levels.length === 0 || scope.levels.includes(LEVELS[level] ?? 'other');
}

function fieldsOf({ scope, condition, group_by }: Rule): readonly RuleField[] {
  const asked = [
    ...scope.fields.map(({ field }) => field),
    ...(typeof group_by === 'string' ? [] : [group_by.field]),
    ...(condition.kind === 'distinct' ? [condition.field] : []),
  ];
  return RULE_FIELDS.filter((field) => asked.includes(field));
}

/** Why a rule cannot be judged on what seconds are reduced to, in words; null when it can. */
export function whyNot(rule: Rule): string | null {
  const { scope, condition, group_by } = rule;
  const asked = [
    ...scope.fields.map(({ field }) => field),
    ...(typeof group_by === 'string' ? [] : [group_by.field]),
    ...(condition.kind === 'distinct' ? [condition.field] : []),
  ];
  const unknown = asked.find((field) => !RULE_FIELDS.some((known) => known === field));
  if (unknown !== undefined) return `the field ${unknown} is not counted; ${RULE_FIELDS.join(', ')} are`;
  if (
    typeof group_by !== 'string' &&
    (condition.kind !== 'count' || scope.fields.length > 0 || scope.text !== undefined)
  )
    return 'groups of a field can be counted by level only: leave out texts, other fields, and conditions besides count';
  if (scope.text !== undefined && scope.levels.some((level) => !ERRORS.includes(level)))
    return 'with a text, the levels can be error and fatal, or all of them';
  if (scope.text !== undefined && scope.fields.length > 0) return 'a text and a field cannot be asked for together';
  if (scope.fields.length > 1) return 'only one field can be asked for';
  const hasScope = scope.levels.length > 0 || scope.text !== undefined || scope.fields.length > 0;
  if (condition.kind === 'latency' && hasScope) return 'durations are kept for all events of a service together';
  return null;
}
