import type { Level, RuleBody } from '@sentinellog/shared';
import { matchesGlob } from '../pipeline/glob.ts';

/** Counted events of one source: `at` ascending, in steps of `stepSeconds`; levels missing from a step are zero. */
export interface RecordedSource {
  readonly service: string;
  readonly tags: readonly string[];
  readonly stepSeconds: number;
  readonly steps: readonly { readonly at: number; readonly levels: Readonly<Record<Level, number>> }[];
}

export interface DryRunFiring {
  readonly at_ms: number;
  readonly until_ms: number;
  readonly group: string;
  /** The count, the share, or the seconds without an event, at its worst. */
  readonly value: number;
}

export interface DryRun {
  readonly fired: readonly DryRunFiring[];
  /** Parts of the rule that counted history cannot answer. */
  readonly blindTo: readonly string[];
}

/** One step of a group: matching events and all events. */
interface Point {
  readonly at: number;
  readonly matching: number;
  readonly all: number;
}

/**
 * When the rule would have fired over recorded counts. History holds events per level and source, so a rule that asks for
 * texts, fields or durations is answered for its levels only, and says so: it fires at least where the true rule does.
 */
export function dryRun(
  rule: RuleBody,
  history: readonly RecordedSource[],
  fromSecond: number,
  toSecond: number,
): DryRun {
  const blindTo = blindSpots(rule);
  if (rule.condition.kind === 'latency' || rule.condition.kind === 'distinct') return { fired: [], blindTo };
  const covered = history.filter(
    ({ service, tags }) =>
      (rule.scope.services.length === 0 || rule.scope.services.some((glob) => matchesGlob(glob, service))) &&
      (rule.scope.tags.length === 0 || rule.scope.tags.some((tag) => tags.includes(tag))),
  );
  const fired = covered.flatMap((source) => firingsOf(rule, source, fromSecond, toSecond));
  return { fired: fired.toSorted((a, b) => a.at_ms - b.at_ms), blindTo };
}

function blindSpots({ scope, condition, group_by }: RuleBody): string[] {
  return [
    ...(scope.text === undefined ? [] : ['the text of messages']),
    ...(scope.fields.length === 0 ? [] : ['fields of events']),
    ...(typeof group_by === 'string' ? [] : [`groups by ${group_by.field}: counted for each source instead`]),
    ...(condition.kind === 'latency' ? ['durations'] : []),
    ...(condition.kind === 'distinct' ? ['different values of a field'] : []),
  ];
}

function firingsOf(rule: RuleBody, source: RecordedSource, fromSecond: number, toSecond: number): DryRunFiring[] {
  const points = pointsOf(rule, source, fromSecond, toSecond);
  const firings: DryRunFiring[] = [];
  const width = Math.max(1, Math.ceil(rule.window_seconds / source.stepSeconds));
  let matching = 0;
  let all = 0;
  let holdsSince: number | null = null;
  let open: { at_ms: number; until_ms: number; value: number } | null = null;
  for (const [index, point] of points.entries()) {
    matching += point.matching;
    all += point.all;
    const left = points[index - width];
    if (left !== undefined) {
      matching -= left.matching;
      all -= left.all;
    }
    const end = point.at + source.stepSeconds;
    // An absence needs a whole window to look at; a count does not have to wait for it.
    const value = index + 1 < width && rule.condition.kind === 'absence' ? null : exceeding(rule, matching, all);
    if (value === null) {
      holdsSince = null;
      if (open !== null) firings.push({ ...open, group: source.service });
      open = null;
      continue;
    }
    holdsSince ??= end;
    if (end - holdsSince < rule.for_seconds) continue;
    open =
      open === null
        ? { at_ms: end * 1000, until_ms: end * 1000, value }
        : { at_ms: open.at_ms, until_ms: end * 1000, value: Math.max(open.value, value) };
  }
  if (open !== null) firings.push({ ...open, group: source.service });
  return firings;
}

/** The rule's figure where it holds, else null. */
function exceeding({ condition, window_seconds }: RuleBody, matching: number, all: number): number | null {
  switch (condition.kind) {
    case 'count':
      return matching > condition.above ? matching : null;
    case 'absence':
      return matching === 0 ? window_seconds : null;
    case 'ratio': {
      const share = all === 0 ? 0 : matching / all;
      return all >= condition.of_at_least && share > condition.above ? share : null;
    }
    case 'latency':
    case 'distinct':
      return null;
    default:
      return condition satisfies never;
  }
}

/** Every step of the range, gaps as zeros; nothing before the source first spoke, for it cannot be missed before that. */
function pointsOf(rule: RuleBody, source: RecordedSource, fromSecond: number, toSecond: number): Point[] {
  const { stepSeconds, steps } = source;
  const first = steps[0];
  if (first === undefined) return [];
  const known = new Map(steps.map((step) => [step.at, step.levels]));
  const points: Point[] = [];
  const start = Math.max(Math.floor(fromSecond / stepSeconds) * stepSeconds, first.at);
  for (let at = start; at < toSecond; at += stepSeconds) {
    const levels = known.get(at);
    points.push({
      at,
      matching: levels === undefined ? 0 : matchingOf(rule, levels),
      all: levels === undefined ? 0 : sum(levels),
    });
  }
  return points;
}

function matchingOf({ scope }: RuleBody, levels: Readonly<Record<Level, number>>): number {
  return scope.levels.length === 0 ? sum(levels) : scope.levels.reduce((total, level) => total + levels[level], 0);
}

const sum = (levels: Readonly<Record<Level, number>>) =>
  Object.values(levels).reduce((total, count) => total + count, 0);
