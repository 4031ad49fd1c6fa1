import type { Calendar, Person, RoutingPolicy, Severity, Team } from '@sentinellog/shared';
import { RoutingPolicySchema } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { type Decision, decide } from './decide.ts';
import { aBook, CHANNELS, MINUTE, MORNING, NIGHT, someFacts } from './testing/routing-builders.ts';

const ROOM_ONLY = CHANNELS.filter(({ id }) => id !== 'slack-maria');

function aPolicy(overrides: Partial<RoutingPolicy>): RoutingPolicy {
  return RoutingPolicySchema.parse({ id: 'payments', name: 'payments', rules: [], ...overrides });
}
const tell = (...to: string[]) => [{ to, hours: 'always' as const, batch_minutes: null }];
const MARIA: Person = {
  id: 'maria',
  name: 'Maria',
  role: 'operator',
  tenants: [],
  channels: ['slack-maria'],
  email: null,
  slack_user: null,
  pagerduty_user: null,
  time_zone: null,
};
const PAYMENTS: Team = { id: 'payments', name: 'Payments', members: ['maria'], channels: ['mail-ops'] };
const NIGHTS: Calendar = {
  id: 'nights',
  name: 'nights',
  time_zone: 'UTC',
  hours: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '22:00', to: '06:00' }],
  holidays: [],
};

function told(severity: Severity, nowMs: number) {
  return shortly(decide(someFacts({ severity }), aBook({}, ROOM_ONLY), nowMs), nowMs);
}

function shortly({ tells }: Decision, nowMs: number) {
  return tells.map(
    ({ channelId, notBeforeMs, batchMinutes }) =>
      `${channelId} +${(notBeforeMs - nowMs) / MINUTE} min${batchMinutes === null ? '' : ', batch'}`,
  );
}

describe('the default of S3-06 and S2-06', () => {
  it.each([
    ['P1', 'night', NIGHT, ['pager +0 min', 'slack-incidents +0 min']],
    ['P1', 'day', MORNING, ['pager +0 min', 'slack-incidents +0 min']],
    ['P2', 'night', NIGHT, ['pager +0 min', 'slack-incidents +360 min']],
    ['P2', 'day', MORNING, ['pager +0 min', 'slack-incidents +0 min']],
    ['P3', 'night', NIGHT + MINUTE, ['mail-ops +59 min, batch']],
    ['P4', 'day', MORNING, []],
  ] as const)('%s by %s', (severity, _when, nowMs, expected) => {
    expect(told(severity, nowMs)).toEqual(expected);
  });

  it.each([
    ['notify', 'P2', ['slack-incidents +360 min']],
    ['page', 'P1', ['pager +0 min', 'slack-incidents +0 min']],
    ['page', 'P2', ['pager +0 min', 'slack-incidents +0 min']],
    ['page', 'P3', ['slack-incidents +0 min', 'mail-ops +60 min, batch']],
    ['ticket', 'P3', ['tickets +0 min', 'mail-ops +60 min, batch']],
    ['review', 'P3', ['mail-ops +60 min, batch']],
    ['review', 'P4', ['mail-ops +60 min, batch']],
    ['hook', 'P1', ['pager +0 min', 'slack-incidents +0 min']],
    ['none', 'P1', []],
  ] as const)('a rule that asks for %s at %s, by night', (action, severity, expected) => {
    const channels = [...ROOM_ONLY, { id: 'tickets', kind: 'ticket', name: 'Jira', enabled: true }];
    const facts = someFacts({ severity, actions: [action], raisedBy: 'rules' });
    expect(shortly(decide(facts, aBook({}, channels), NIGHT), NIGHT)).toEqual(expected);
  });

  it('is not softened by a rule where a detector has noticed it, too', () => {
    const facts = someFacts({ severity: 'P2', actions: ['none', 'notify'] });
    expect(shortly(decide(facts, aBook({}, ROOM_ONLY), NIGHT), NIGHT)).toEqual([
      'slack-incidents +360 min',
      'pager +0 min',
    ]);
  });

  it('says of each channel by which rule', () => {
    const decision = decide(someFacts({ severity: 'P2' }), aBook({}, ROOM_ONLY), NIGHT);
    expect(decision.tells.map(({ because }) => because)).toEqual([
      'P2 pages, and posts in business hours (default policy)',
      'P2 pages, and posts in business hours (default policy); held until business hours start',
    ]);
    expect(decision.rows.find(({ rule }) => rule.startsWith('P1'))).toEqual({
      policy: 'default policy',
      rule: 'P1 pages at all hours',
      outcome: 'not_matched',
      because: 'it is P2, the rule is for P1',
    });
  });

  it('says what is not set up', () => {
    const decision = decide(someFacts(), aBook({}, []), NIGHT);
    expect(decision.tells).toEqual([]);
    expect(decision.notTold.map(({ because }) => because)).toEqual([
      'no pagerduty channel is set up',
      'no slack channel is set up',
    ]);
  });
});

const rule = (name: string, match: RoutingPolicy['rules'][number]['match'], ...to: string[]) => ({
  name,
  match,
  tell: to.length === 0 ? [] : tell(...to),
  continue: false,
});
const decideBy = (policies: readonly RoutingPolicy[], facts = someFacts(), nowMs = MORNING) =>
  decide(facts, aBook({ policy: policies, person: [MARIA], team: [PAYMENTS], calendar: [NIGHTS] }), nowMs);

describe('a policy', () => {
  it('decides by its first rule that matches', () => {
    const policy = aPolicy({
      rules: [
        rule('orders', { services: ['order-*'] }, 'channel:pager'),
        rule('payments', { services: ['payment-*'] }, 'person:maria'),
      ],
    });
    const decision = decideBy([policy]);
    expect(decision.tells.map(({ channelId }) => channelId)).toEqual(['slack-maria']);
    expect(decision.rows.map(({ outcome }) => outcome)).toEqual(['not_matched', 'matched', 'not_reached']);
  });

  it('goes on where a rule says so', () => {
    const policy = aPolicy({
      rules: [
        { ...rule('all', {}, 'channel:mail-ops'), continue: true },
        rule('payments', { services: ['payment-*'] }, 'person:maria'),
      ],
    });
    expect(decideBy([policy]).tells.map(({ channelId }) => channelId)).toEqual(['mail-ops', 'slack-maria']);
  });

  it('of a tenant comes before those of all, and is no other tenant’s', () => {
    const all = aPolicy({ id: 'a', order: 1, rules: [rule('all', {}, 'channel:mail-ops')] });
    const own = aPolicy({ id: 'b', order: 9, tenant: 'acme', rules: [rule('acme', {}, 'channel:pager')] });
    expect(decideBy([all, own], someFacts({ tenant: 'acme' })).tells[0]?.channelId).toBe('pager');
    expect(decideBy([all, own]).tells[0]?.channelId).toBe('mail-ops');
  });

  it('with the lower order is asked first, whatever the ids', () => {
    const late = aPolicy({ id: 'a', order: 9, rules: [rule('late', {}, 'channel:mail-ops')] });
    const early = aPolicy({ id: 'b', order: 1, rules: [rule('early', {}, 'channel:pager')] });
    expect(decideBy([late, early]).tells[0]?.channelId).toBe('pager');
  });

  it.each([
    ['tags', { tags: ['tier1'] }, { tags: ['tier1', 'eu'] }, { tags: ['eu'] }],
    ['severity', { min_severity: 'P2' }, { severity: 'P1' }, { severity: 'P3' }],
    ['tenant', { tenants: ['acme'] }, { tenant: 'acme' }, { tenant: 'other' }],
  ] as const)('matches by %s', (_what, match, fits, other) => {
    const policy = aPolicy({ rules: [rule('it', structuredClone(match) as never, 'channel:mail-ops')] });
    expect(decideBy([policy], someFacts(fits)).rows[0]?.outcome).toBe('matched');
    expect(decideBy([policy], someFacts(other)).rows[0]?.outcome).toBe('not_matched');
  });

  it('matches by time of day', () => {
    const policy = aPolicy({
      rules: [rule('nights', { during: { calendar: 'nights', open: true } }, 'channel:pager')],
    });
    expect(decideBy([policy], someFacts(), NIGHT).rows[0]?.outcome).toBe('matched');
    expect(decideBy([policy], someFacts(), MORNING).rows[0]).toMatchObject({
      because: 'nights is closed at this time',
    });
  });

  it('reaches a team by its own channels and its people, each channel once', () => {
    const policy = aPolicy({ rules: [rule('it', {}, 'team:payments', 'person:maria', 'role:operator')] });
    expect(decideBy([policy]).tells.map(({ channelId }) => channelId)).toEqual(['mail-ops', 'slack-maria']);
  });

  it('reaches nobody of another tenant', () => {
    const policy = aPolicy({ rules: [rule('it', {}, 'role:operator')] });
    const book = aBook({ policy: [policy], person: [{ ...MARIA, tenants: ['acme'] }] });
    expect(decide(someFacts({ tenant: 'acme' }), book, MORNING).tells.map(({ channelId }) => channelId)).toEqual([
      'slack-maria',
    ]);
    expect(decide(someFacts(), book, MORNING).notTold[0]?.because).toBe(
      'nobody with the role operator may hear of default',
    );
  });

  it('whose people are gone swallows nothing: the rules below are asked', () => {
    const decision = decideBy([aPolicy({ rules: [rule('it', {}, 'channel:was-removed')] })]);
    expect(decision.rows[0]?.because).toContain('reaches nobody');
    expect(decision.tells.map(({ channelId }) => channelId)).toEqual(['pager', 'slack-incidents', 'slack-maria']);
  });

  it('keeps PagerDuty to its severities, whatever a rule says', () => {
    const policy = aPolicy({
      pagerduty_severities: ['P1'],
      rules: [rule('it', {}, 'channel:pager', 'channel:mail-ops')],
    });
    const decision = decideBy([policy], someFacts({ severity: 'P2' }));
    expect(decision.tells.map(({ channelId }) => channelId)).toEqual(['mail-ops']);
    expect(decision.notTold).toEqual([{ target: 'channel:pager', because: 'PagerDuty hears of P1 only (payments)' }]);
  });

  it('whose calendar never opens tells at once', () => {
    const policy = aPolicy({
      calendar: 'closed',
      rules: [{ ...rule('it', {}), tell: [{ to: ['channel:mail-ops'], hours: 'business', batch_minutes: null }] }],
    });
    const book = aBook({ policy: [policy], calendar: [{ ...NIGHTS, id: 'closed', hours: [] }] });
    expect(decide(someFacts(), book, NIGHT).tells).toMatchObject([
      {
        channelId: 'mail-ops',
        notBeforeMs: NIGHT,
        because: 'it (payments); at once, as its calendar closed never opens',
      },
    ]);
  });

  it('names a channel twice, held and at once: at once it is', () => {
    const policy = aPolicy({
      rules: [
        {
          ...rule('it', {}),
          tell: [{ to: ['kind:slack'], hours: 'business', batch_minutes: null }, ...tell('channel:slack-incidents')],
        },
      ],
    });
    expect(
      decideBy([policy], someFacts(), NIGHT).tells.find(({ channelId }) => channelId === 'slack-incidents'),
    ).toMatchObject({ notBeforeMs: NIGHT });
  });
});
