import { type Level, LEVELS, type RuleBody, RuleBodySchema } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { dryRun, type RecordedSource } from './dry-run.ts';

const NOON = 1_767_268_800;

function aRuleBody(overrides: object): RuleBody {
  return RuleBodySchema.parse({
    name: 'Error spike',
    severity: 'P2',
    scope: { levels: ['error', 'fatal'] },
    condition: { kind: 'count', above: 100 },
    window_seconds: 300,
    message: 'too many errors',
    ...overrides,
  });
}

/** Events per minute from noon on: [errors, infos] a minute. */
function minutes(
  service: string,
  counts: readonly (readonly [number, number] | null)[],
  tags: string[] = [],
): RecordedSource {
  const none = Object.fromEntries(LEVELS.map((level) => [level, 0])) as Record<Level, number>;
  return {
    service,
    tags,
    stepSeconds: 60,
    steps: counts.flatMap((pair, index) =>
      pair === null ? [] : [{ at: NOON + index * 60, levels: { ...none, error: pair[0], info: pair[1] } }],
    ),
  };
}

const run = (rule: RuleBody, sources: readonly RecordedSource[], lengthMinutes = 20) =>
  dryRun(rule, sources, NOON, NOON + lengthMinutes * 60);

describe('dryRun', () => {
  it('fires once while the window holds too many, from the minute in which it passed the line', () => {
    const payment = minutes('payment-service', [
      [10, 90],
      [60, 90],
      [60, 90],
      [0, 90],
      [0, 90],
      [0, 90],
      [0, 90],
      [0, 90],
    ]);
    expect(run(aRuleBody({}), [payment], 8).fired).toEqual([
      { at_ms: (NOON + 180) * 1000, until_ms: (NOON + 360) * 1000, group: 'payment-service', value: 130 },
    ]);
  });

  it('counts neither infos nor a sum that only reaches the line', () => {
    expect(
      run(aRuleBody({}), [
        minutes('payment-service', [
          [50, 9000],
          [50, 9000],
        ]),
      ]).fired,
    ).toEqual([]);
  });

  it('misses a service only after a whole window, and not before it first spoke', () => {
    const absence = aRuleBody({ scope: {}, condition: { kind: 'absence' }, window_seconds: 600 });
    const late = minutes('order-service', [null, null, null, [0, 5], ...Array<null>(14).fill(null), [0, 5], [0, 5]]);
    expect(run(absence, [late]).fired).toEqual([
      { at_ms: (NOON + 14 * 60) * 1000, until_ms: (NOON + 18 * 60) * 1000, group: 'order-service', value: 600 },
    ]);
    expect(run(absence, [minutes('never-spoke', [])]).fired).toEqual([]);
  });

  it('takes a share of enough events only', () => {
    const share = aRuleBody({ condition: { kind: 'ratio', above: 0.1, of_at_least: 100 }, window_seconds: 60 });
    const quiet = minutes('tiny', [[5, 1]]);
    const busy = minutes('busy', [
      [5, 195],
      [40, 160],
    ]);
    expect(run(share, [quiet, busy]).fired).toMatchObject([{ group: 'busy', value: 0.2 }]);
  });

  it('waits as long as `for_seconds` says', () => {
    const patient = aRuleBody({ window_seconds: 60, for_seconds: 120 });
    const payment = minutes('payment-service', [
      [200, 0],
      [200, 0],
      [0, 0],
      [200, 0],
      [200, 0],
      [200, 0],
      [0, 9],
    ]);
    expect(run(patient, [payment]).fired).toMatchObject([{ at_ms: (NOON + 360) * 1000 }]);
  });

  it('keeps to services and tags', () => {
    const sources = [
      minutes('payment-eu', [[200, 0]], ['prod']),
      minutes('order', [[200, 0]], ['prod']),
      minutes('payment-dev', [[200, 0]]),
    ];
    const scoped = aRuleBody({ scope: { services: ['payment-*'], tags: ['prod'], levels: ['error'] } });
    expect(run(scoped, sources).fired.map(({ group }) => group)).toEqual(['payment-eu']);
  });

  it('says what history cannot tell', () => {
    expect(run(aRuleBody({ condition: { kind: 'latency', quantile: 0.99, above_ms: 5000 } }), []).blindTo).toEqual([
      'durations',
    ]);
    expect(
      run(aRuleBody({ scope: { text: 'connection', levels: ['error'] }, group_by: { field: 'user_id' } }), []).blindTo,
    ).toEqual(['the text of messages', 'groups by user_id: counted for each source instead']);
  });
});
