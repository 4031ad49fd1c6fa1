import { createHash } from 'node:crypto';
import { duration, ENGINE_VERSION, RULE_DETECTOR } from '@sentinellog/detector';
import { type Anomaly, DEFAULT_SEVERITY_THRESHOLDS, type Receipt, type Rule, uuidv7 } from '@sentinellog/shared';

/** What a rule holds against a group. */
export interface Breach {
  readonly rule: Rule;
  readonly source: { readonly sourceId: string; readonly service: string };
  /** What the group is called; empty where a source is a group. */
  readonly group: string;
  /** Unix second whose close shows it. */
  readonly second: number;
  /** Events, a share, ms, different values, or seconds without an event. */
  readonly value: number;
  /** Events that the value was drawn from. */
  readonly events: number;
}

/** An anomaly of a rule. Its id follows from what it is about, so that a replay gives it again. */
export function ruleAnomaly(breach: Breach, nowMs: number): Anomaly {
  const { rule, source, group, second, value } = breach;
  const receipt = receiptOf(breach);
  const startedAtMs = receipt.window_start * 1000;
  const identity = createHash('sha256').update([rule.rule_id, source.sourceId, group, second].join('\0')).digest();
  return {
    event_id: uuidv7(second * 1000, identity),
    source_id: source.sourceId,
    service: source.service,
    signal: receipt.signal,
    detector: RULE_DETECTOR,
    direction: rule.condition.kind === 'absence' ? 'low' : 'high',
    state: 'open',
    severity: rule.severity,
    deviation_score: receipt.sigma,
    started_at_ms: startedAtMs,
    last_outside_ms: (second + 1) * 1000,
    ended_at_ms: null,
    detected_at_ms: nowMs,
    observed: value,
    expected: receipt.mean,
    reason: sentenceOf(breach),
    raw_data_sample: [],
    receipt,
  };
}

/** The same anomaly at a later, worse second. */
export function worsened(anomaly: Anomaly, breach: Breach): Anomaly {
  const receipt = receiptOf(breach);
  const last_outside_ms = (breach.second + 1) * 1000;
  return { ...anomaly, last_outside_ms, observed: breach.value, reason: sentenceOf(breach), receipt };
}

function receiptOf({ rule, source, group, second, value, events }: Breach): Receipt {
  const limit = limitOf(rule);
  // A rule is as loud as its severity says: the σ at which that begins.
  const sigma = DEFAULT_SEVERITY_THRESHOLDS[rule.severity];
  const suffix = group === '' ? '' : (`:${createHash('sha256').update(group).digest('hex').slice(0, 8)}` as const);
  return {
    version: 1,
    engine: ENGINE_VERSION,
    detector: RULE_DETECTOR,
    source_id: source.sourceId,
    service: source.service,
    signal: `rule:${rule.rule_id}${suffix}`,
    window_start: second + 1 - rule.window_seconds,
    window_seconds: rule.window_seconds,
    value,
    events,
    mean: limit,
    stddev: 1,
    n: 0,
    slot: 'recent',
    time_zone: 'UTC',
    z: value - limit,
    sensitivity: 'custom',
    sigma,
    threshold: 0,
    sample_hashes: [],
    score: sigma,
    severity: rule.severity,
    excluded: [],
  };
}

/** What the value must not pass. */
export function limitOf({ condition, window_seconds }: Rule): number {
  switch (condition.kind) {
    case 'count':
    case 'ratio':
    case 'distinct':
      return condition.above;
    case 'latency':
      return condition.above_ms;
    case 'absence':
      return window_seconds;
    default:
      return condition satisfies never;
  }
}

function sentenceOf({ rule, source, group, value }: Breach): string {
  const isShare = rule.condition.kind === 'ratio';
  const number = (amount: number) =>
    isShare ? `${Number((amount * 100).toPrecision(3))} %` : String(Math.round(amount));
  const words: Readonly<Record<string, string>> = {
    count: number(value),
    threshold: number(limitOf(rule)),
    service: source.service,
    group: group === '' ? source.service : group,
    window: duration(rule.window_seconds),
  };
  const sentence = rule.message.replace(/\{(\w+)\}/g, (whole, name: string) => words[name] ?? whole);
  return `${sentence} (rule "${rule.name}")`;
}
