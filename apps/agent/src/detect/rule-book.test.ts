import type { SecondDetails } from '@sentinellog/detector';
import { verifyReceipt } from '@sentinellog/detector';
import {
  type Anomaly,
  AnomalySchema,
  EMPTY_COUNTS,
  LEVELS,
  latencyBucket,
  type Rule,
  RuleSchema,
} from '@sentinellog/shared';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type FieldValue, RuleBook, whyNot } from './rule-book.ts';

const NOON = 1_767_268_800;
const READY_MADE = new URL('../../../../resources/rules/ready-made.yaml', import.meta.url);
const SHIPPED: readonly object[] = parse(readFileSync(READY_MADE, 'utf8')).rules;

function ruleOf(body: object, id = 'r1'): Rule {
  const stored = { rule_id: id, shipped_as: null, version: 1, updated_by: 'ada', updated_at_ms: 0 };
  return RuleSchema.parse({ ...body, ...stored });
}
const shipped = (name: string): Rule => {
  const body = SHIPPED.find((each) => 'name' in each && each.name === name);
  return ruleOf({ ...body, enabled: true });
};

const TEXTS: Readonly<Record<string, string>> = {
  '00000000000000aa': 'connection to <*> refused',
  '00000000000000bb': 'payment <*> declined',
};

interface Said {
  readonly info?: number;
  readonly error?: number;
  readonly ms?: readonly number[];
  readonly templates?: SecondDetails['templates'];
  readonly users?: Readonly<Record<string, number>>;
}

const errors = (id: string) => ({ error: 1, templates: [{ id, events: 1, errors: 1, isFresh: false }] });

class Desk {
  readonly told: Anomaly[] = [];
  readonly book = new RuleBook({
    now: () => NOON * 1000,
    tagsOf: () => [],
    textsOf: (id) => [TEXTS[id] ?? ''],
    onAnomaly: (anomaly) => this.told.push(AnomalySchema.parse(anomaly)),
  });
  #lastSeen = 0;

  second(at: number, { info = 0, error = 0, ms = [], templates = [], users = {} }: Said, service = 'payment'): void {
    const second = NOON + at;
    if (info + error > 0) this.#lastSeen = second;
    const source = {
      sourceId: `id-${service}`,
      tenant: 'default',
      service,
      lastSeenMs: this.#lastSeen * 1000,
      live: true,
    };
    const latency = ms.map((each) => [latencyBucket(each), 1] as const).toSorted(([a], [b]) => a - b);
    const fields = Object.entries(users).map(
      ([value, events]): FieldValue => ({ field: 'user_id', level: LEVELS.indexOf('error'), value, events }),
    );
    this.book.secondClosed(source, second, { ...EMPTY_COUNTS, info, error }, { latency, templates }, fields);
  }

  states(): readonly string[] {
    return this.told.map(({ state }) => state);
  }
}

function deskWith(...rules: readonly Rule[]): Desk {
  const desk = new Desk();
  desk.book.setRules(rules);
  return desk;
}

describe('the five rules that come with the agent', () => {
  it('can all be judged', () => {
    expect(SHIPPED).toHaveLength(5);
    expect(SHIPPED.map((body) => whyNot(ruleOf(body)))).toEqual([null, null, null, null, null]);
  });

  it('error spike: more than 100 errors in 5 min fire once and end, 100 do not', () => {
    const desk = deskWith(shipped('Error spike'));
    for (let at = 0; at < 300; at++) desk.second(at, { info: 50, error: at % 3 === 0 ? 1 : 0 });
    expect(desk.told).toEqual([]);
    desk.second(300, { error: 40 });
    expect(desk.told).toMatchObject([
      { signal: 'rule:r1', severity: 'P2', state: 'open', direction: 'high', expected: 100 },
    ]);
    expect(desk.told[0]?.reason).toMatch(
      /^payment logged 1\d\d errors in 5 min, more than 100 \(rule "Error spike"\)$/,
    );
    for (let at = 301; at < 800; at++) desk.second(at, { info: 50 });
    expect(desk.states()).toEqual(['open', 'recovered']);
    expect(new Set(desk.told.map(({ event_id }) => event_id)).size).toBe(1);
  });

  it('service down: ten silent minutes of a source that spoke, and back at its first line; not where nobody looked', () => {
    const desk = deskWith(shipped('Service down'));
    desk.second(0, { info: 3 });
    for (let at = 1; at < 600; at++) desk.second(at, {});
    expect(desk.told).toEqual([]);
    desk.second(600, {});
    expect(desk.told).toMatchObject([{ severity: 'P1', direction: 'low', observed: 600 }]);
    desk.second(601, { info: 1 });
    expect(desk.states()).toEqual(['open', 'recovered']);
    const blind = deskWith(shipped('Service down'));
    blind.second(0, { info: 3 });
    const source = {
      sourceId: 'id-payment',
      tenant: 'default',
      service: 'payment',
      lastSeenMs: NOON * 1000,
      live: true,
    };
    blind.book.secondClosed(source, NOON + 550, null, null, []);
    for (let at = 551; at < 1100; at++) blind.second(at, {});
    expect(blind.told).toEqual([]);
  });

  it('slow response: a p99 over 5 s for a minute, not for a moment', () => {
    const desk = deskWith(shipped('Slow response'));
    for (let at = 0; at < 300; at++) desk.second(at, { info: 2, ms: [40, 90] });
    expect(desk.told).toEqual([]);
    for (let at = 300; at < 420; at++) desk.second(at, { info: 2, ms: [7000, 8000] });
    expect(desk.told).toMatchObject([{ severity: 'P3', expected: 5000 }]);
    expect(desk.told[0].observed).toBeGreaterThan(6900);
  });

  it('suspicious user: more than 50 errors of one user within the hour, over services, each user alone', () => {
    const desk = deskWith(shipped('Suspicious user'));
    expect(desk.book.wishes).toEqual([
      { field: 'user_id', levels: [LEVELS.indexOf('error'), LEVELS.indexOf('fatal')] },
    ]);
    for (let at = 0; at < 26; at++) {
      desk.second(at * 60, { error: 3, users: { 'u-1842': 1, [`u-${at}`]: 2 } });
      desk.second(at * 60, { error: 1, users: { 'u-1842': 1 } }, 'auth');
    }
    expect(desk.told).toMatchObject([{ severity: 'P3', observed: 51 }]);
    expect(desk.told[0]?.reason).toContain('user u-1842 caused 51 errors in 1 h');
    expect(desk.told[0]?.signal).toMatch(/^rule:r1:[0-9a-f]{8}$/);
  });

  it('database connection failure: errors by the text of their template, not other errors', () => {
    const desk = deskWith(shipped('Database connection failure'));
    for (let at = 0; at < 30; at++) desk.second(at, errors('00000000000000bb'));
    expect(desk.told).toEqual([]);
    for (let at = 30; at < 41; at++) desk.second(at, errors('00000000000000aa'));
    expect(desk.told).toMatchObject([{ severity: 'P1', observed: 11 }]);
  });
});

describe('the book of rules', () => {
  it('gives receipts that verify, and that do not when somebody lowers the value below the limit', () => {
    const desk = deskWith(shipped('Error spike'));
    desk.second(0, { error: 101 });
    const { receipt } = desk.told[0];
    expect(verifyReceipt(receipt).differences).toEqual([]);
    expect(verifyReceipt({ ...receipt, value: 60 }).equal).toBe(false);
    expect(verifyReceipt({ ...receipt, value: 60, z: -40 }).equal).toBe(false);
    expect(verifyReceipt({ ...receipt, severity: 'P1' }).equal).toBe(false);
  });

  it('goes on after a restart where it was, with what was open, and ends what no rule asks for any more', () => {
    const rule = shipped('Error spike');
    const before = deskWith(rule);
    for (let at = 0; at < 12; at++) before.second(at, { error: 9 });
    const open = before.told.filter(({ state }) => state === 'open');
    expect(open).toHaveLength(1);
    const state = before.book.takeState()!;
    expect(before.book.takeState()).toBeUndefined();

    const after = new Desk();
    after.book.restore(state, open);
    after.book.setRules([rule]);
    expect(after.told).toEqual([]);
    after.second(12, { error: 1 });
    for (let at = 13; at < 500; at++) after.second(at, { info: 1 });
    expect(after.told).toMatchObject([{ event_id: open[0].event_id, state: 'recovered' }]);

    const gone = new Desk();
    gone.book.restore(state, open);
    gone.book.setRules([]);
    expect(gone.states()).toEqual(['recovered']);
  });

  it('takes shares, different values and scopes; a changed rule starts over and ends what it had opened', () => {
    const share = ruleOf(
      {
        name: 'share',
        severity: 'P3',
        scope: { services: ['pay*'], levels: ['error'] },
        condition: { kind: 'ratio', above: 0.2 },
        window_seconds: 60,
        message: '{count} of {service}',
      },
      'share',
    );
    const users = ruleOf(
      {
        name: 'users',
        severity: 'P4',
        condition: { kind: 'distinct', field: 'user_id', above: 2 },
        window_seconds: 60,
        message: '{count} users',
      },
      'users',
    );
    const desk = deskWith(share, users);
    for (let at = 0; at < 10; at++) desk.second(at, { info: 2, error: 1 }, 'order');
    for (let at = 10; at < 20; at++) desk.second(at, { info: 2, error: 1 });
    desk.second(20, { error: 3, users: { a: 1, b: 1, c: 1 } });
    expect(desk.told.map(({ service, reason }) => `${service}: ${reason}`)).toEqual([
      'payment: 33.3 % of payment (rule "share")',
      'payment: 3 users (rule "users")',
    ]);
    desk.book.setRules([{ ...share, version: 2 }, users]);
    expect(desk.told.at(-1)).toMatchObject({ signal: 'rule:share', state: 'recovered' });
  });

  it('remembers no more users than it may, keeps the heavy ones, and counts the others', () => {
    const desk = deskWith(shipped('Suspicious user'));
    desk.second(0, { error: 45, users: { heavy: 45 } });
    for (let at = 1; at < 120; at++)
      desk.second(at, { users: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`u-${at}-${i}`, 1])) });
    expect(desk.book.overflow).toBeGreaterThan(1000);
    desk.second(120, { users: { heavy: 6 } });
    expect(desk.told).toMatchObject([{ observed: 51 }]);
  });
});
