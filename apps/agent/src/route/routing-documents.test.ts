import {
  type Calendar,
  type EscalationPolicy,
  type MaintenanceWindow,
  type Person,
  RoutingConfigSchema,
  type RoutingConfig,
  type RoutingPolicy,
  RoutingPolicySchema,
  SEVERITIES,
  type Team,
  WEEKDAYS,
} from '@sentinellog/shared';
import {
  array,
  assert,
  asyncProperty,
  boolean,
  constant,
  constantFrom,
  integer,
  option,
  record,
  string,
  tuple,
  uniqueArray,
  type Arbitrary,
} from 'fast-check';
import { parse, stringify } from 'yaml';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../pipeline/caller.ts';
import { RoutingDocuments } from './routing-documents.ts';
import { MemoryRoutingStore } from './testing/memory-routing-store.ts';
import { CHANNELS, MORNING } from './testing/routing-builders.ts';

const ADA: Caller = { tokenId: 'tok-ada', name: 'Ada', role: 'admin' };
const BO: Caller = { tokenId: 'tok-bo', name: 'Bo', role: 'admin' };

let store: MemoryRoutingStore;
let documents: RoutingDocuments;

beforeEach(() => {
  store = new MemoryRoutingStore();
  documents = new RoutingDocuments(
    store,
    () => CHANNELS,
    () => MORNING,
  );
});

const aPolicy = (overrides: Partial<RoutingPolicy> = {}) =>
  RoutingPolicySchema.parse({ id: 'payments', name: 'payments', rules: [], ...overrides });
const TEAM: Team = { id: 'payments', name: 'Payments', members: [], channels: ['mail-ops'] };

describe('a document', () => {
  it('has a version that grows with each change, and whose it is', async () => {
    expect(await documents.create('policy', aPolicy(), ADA)).toMatchObject({
      version: 1,
      updated_by: 'Ada',
      updated_at_ms: MORNING,
    });
    expect(await documents.replace('policy', aPolicy({ name: 'pay' }), 1, BO)).toMatchObject({
      version: 2,
      updated_by: 'Bo',
      name: 'pay',
    });
    expect(store.audit).toEqual(['Ada (tok-ada) wrote policy payments', 'Bo (tok-bo) wrote policy payments']);
  });

  it('that somebody else has changed is not overwritten: the answer has it as it is', async () => {
    await documents.create('policy', aPolicy(), ADA);
    await documents.replace('policy', aPolicy({ name: 'pay' }), 1, BO);
    const late = documents.replace('policy', aPolicy({ name: 'mine' }), 1, ADA);
    await expect(late).rejects.toMatchObject({
      code: 'conflict',
      changedBy: 'Bo',
      current: { name: 'pay', version: 2 },
    });
    await expect(documents.remove('policy', 'payments', 1, ADA)).rejects.toMatchObject({ code: 'conflict' });
    await expect(documents.create('policy', aPolicy(), ADA)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('that says the same is no change', async () => {
    await documents.create('policy', aPolicy(), ADA);
    expect(await documents.replace('policy', aPolicy(), 1, BO)).toMatchObject({ version: 1, updated_by: 'Ada' });
  });

  it('may not name what is not there, nor leave such a name behind', async () => {
    const rule = {
      name: 'it',
      match: {},
      tell: [{ to: ['team:payments'], hours: 'always' as const, batch_minutes: null }],
      continue: false,
    };
    const policy = aPolicy({ rules: [rule] });
    await expect(documents.create('policy', policy, ADA)).rejects.toThrow(
      'the policy payments names the team payments, whom there is not',
    );
    await documents.create('team', TEAM, ADA);
    await documents.create('policy', policy, ADA);
    await expect(documents.remove('team', 'payments', 1, ADA)).rejects.toThrow('the policy payments names the team');
  });

  it('may be one of many, but not of any number', async () => {
    const many = Array.from({ length: 500 }, (_, index) => ({ ...TEAM, id: `team-${index}` }));
    await documents.import({ schemaVersion: 1, teams: many }, null, ADA);
    await expect(documents.create('team', TEAM, ADA)).rejects.toThrow('at most 500 documents of the kind team');
    expect(await documents.replace('team', { ...many[7], name: 'Seven' }, 1, ADA)).toMatchObject({ version: 2 });
  });

  it('changed by two at once goes to the first', async () => {
    await documents.create('policy', aPolicy(), ADA);
    const outcomes = await Promise.allSettled([
      documents.replace('policy', aPolicy({ name: 'a' }), 1, ADA),
      documents.replace('policy', aPolicy({ name: 'b' }), 1, BO),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(documents.one('policy', 'payments')).toMatchObject({ name: 'a', version: 2 });
  });

  it('whose write was in doubt is read anew before the next change', async () => {
    await documents.create('policy', aPolicy(), ADA);
    const other = new RoutingDocuments(
      store,
      () => CHANNELS,
      () => MORNING,
    );
    await other.refresh();
    await other.replace('policy', aPolicy({ name: 'elsewhere' }), 1, BO);
    await expect(documents.replace('policy', aPolicy({ name: 'here' }), 1, ADA)).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await documents.replace('policy', aPolicy({ name: 'here' }), 2, ADA)).toMatchObject({ version: 3 });
  });
});

describe('an import', () => {
  it('says what it would change, changes it, and then would change nothing', async () => {
    await documents.create('team', TEAM, ADA);
    await documents.create('policy', aPolicy(), ADA);
    const config: RoutingConfig = {
      schemaVersion: 1,
      teams: [],
      policies: [aPolicy({ name: 'pay' }), aPolicy({ id: 'new' })],
    };
    const { changes } = documents.preview(config);
    expect(changes).toEqual([
      { kind: 'team', id: 'payments', change: 'removed', fields: [] },
      { kind: 'policy', id: 'payments', change: 'changed', fields: ['name'] },
      { kind: 'policy', id: 'new', change: 'created', fields: [] },
    ]);
    expect((await documents.import(config, 2, BO)).changes).toEqual(changes);
    expect(documents.preview(config).changes).toEqual([]);
  });

  it('leaves kinds alone that it does not name', async () => {
    await documents.create('team', TEAM, ADA);
    await documents.import({ schemaVersion: 1, policies: [] }, null, BO);
    expect(documents.documents('team')).toHaveLength(1);
  });

  it('is refused as a whole, and when something was changed since it was looked at', async () => {
    const rule = {
      name: 'it',
      match: {},
      tell: [{ to: ['person:nobody'], hours: 'always' as const, batch_minutes: null }],
      continue: false,
    };
    const broken: RoutingConfig = { schemaVersion: 1, teams: [TEAM], policies: [aPolicy({ rules: [rule] })] };
    await expect(documents.import(broken, null, ADA)).rejects.toThrow('person nobody');
    expect(documents.documents('team')).toEqual([]);
    await expect(documents.import({ schemaVersion: 1 }, 7, ADA)).rejects.toMatchObject({ code: 'conflict' });
    expect(() => documents.preview({ schemaVersion: 1, teams: [TEAM, TEAM] })).toThrow('same id');
  });

  it('warns of channels that are not set up here', () => {
    const channels = [
      { id: 'gone', kind: 'slack', name: '#gone', enabled: true },
      { id: 'pager', kind: 'email', name: 'x', enabled: true },
    ];
    expect(documents.preview({ schemaVersion: 1, channels }).warnings).toEqual([
      'the channel gone (slack) is not set up here: make it with its secrets',
      'the channel pager is of kind pagerduty here, of kind email in the document',
    ]);
  });
});

// What people write: hostile names, every kind of rule.
const id = constantFrom('a', 'payments', 'eu.west-1', 'x_y', '0');
const words = string({ minLength: 1, maxLength: 30, unit: 'binary' });
const people = uniqueArray(
  record({
    id,
    name: words,
    role: constantFrom('viewer', 'operator', 'admin'),
    tenants: array(words, { maxLength: 2 }),
    channels: array(constantFrom('pager', 'mail-ops'), { maxLength: 2 }),
    email: constantFrom(null, 'ops@example.com'),
    slack_user: constantFrom(null, 'U012ABC'),
    pagerduty_user: constantFrom(null, 'P012ABC'),
    time_zone: constantFrom(null, 'Europe/Berlin'),
  }) satisfies Arbitrary<Person>,
  { selector: (each) => each.id, maxLength: 4 },
);
const time = tuple(integer({ min: 0, max: 23 }), integer({ min: 0, max: 59 })).map(
  ([hours, minutes]) => `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`,
);
const calendars = uniqueArray(
  record({
    id,
    name: words,
    time_zone: constantFrom('UTC', 'America/New_York'),
    hours: array(record({ days: uniqueArray(constantFrom(...WEEKDAYS), { minLength: 1 }), from: time, to: time }), {
      maxLength: 3,
    }),
    holidays: array(record({ date: constant('2026-12-25'), name: words }), { maxLength: 2 }),
  }) satisfies Arbitrary<Calendar>,
  { selector: (each) => each.id, maxLength: 3 },
);
const to = array(constantFrom('kind:slack', 'channel:pager', 'role:operator'), { minLength: 1, maxLength: 3 });
const match = record(
  {
    services: array(words, { maxLength: 3 }),
    severities: uniqueArray(constantFrom(...SEVERITIES), { minLength: 1 }),
    min_severity: constantFrom(...SEVERITIES),
    during: record({ calendar: constant('business-hours'), open: boolean() }),
  },
  { requiredKeys: [] },
);
const policies = uniqueArray(
  record({
    id,
    name: words,
    tenant: option(words),
    enabled: boolean(),
    order: integer({ min: 0, max: 10_000 }),
    calendar: constantFrom(null, 'business-hours'),
    rules: array(
      record({
        name: words,
        match,
        tell: array(
          record({
            to,
            hours: constantFrom('always', 'business'),
            batch_minutes: option(integer({ min: 1, max: 1440 })),
          }),
          { maxLength: 3 },
        ),
        continue: boolean(),
      }),
      { maxLength: 4 },
    ),
    pagerduty_severities: uniqueArray(constantFrom(...SEVERITIES)),
    budgets: option(
      array(
        record({
          per: constantFrom('service', 'person'),
          match: words,
          pages: integer({ min: 1, max: 99 }),
          hours: integer({ min: 1, max: 168 }),
          digest_minutes: constant(30),
        }),
        { maxLength: 2 },
      ),
    ),
  }) satisfies Arbitrary<RoutingPolicy>,
  { selector: (each) => each.id, maxLength: 4 },
);
const escalations = uniqueArray(
  record({
    id,
    name: words,
    tenant: constant(null),
    enabled: boolean(),
    order: constant(100),
    match,
    steps: tuple(to, to).map(([first, second]) => [
      { after_minutes: 5, to: first },
      { after_minutes: 15, to: second },
    ]),
    repeat: option(record({ times: integer({ min: 1, max: 5 }), after_minutes: integer({ min: 1, max: 60 }) })),
  }) satisfies Arbitrary<EscalationPolicy>,
  { selector: (each) => each.id, maxLength: 3 },
);
const windows = uniqueArray(
  record({
    id,
    name: words,
    reason: words,
    enabled: boolean(),
    tenant: constant(null),
    services: array(words, { maxLength: 2 }),
    sources: constant([]),
    tags: array(words, { maxLength: 2 }),
    time_zone: constantFrom('UTC', 'Asia/Kolkata'),
    from_date: constant('2026-01-01'),
    until_date: constantFrom(null, '2026-12-31'),
    starts: time,
    ends: time,
    plus_days: integer({ min: 0, max: 31 }),
    repeats: constantFrom<MaintenanceWindow['repeats']>(
      { every: 'once' },
      { every: 'day', interval: 3 },
      { every: 'week', interval: 2, days: ['mon', 'sun'] },
      { every: 'month_day', interval: 1, day: -1 },
      { every: 'month_weekday', interval: 1, nth: 2, weekday: 'tue' },
    ),
    skip: constantFrom([], ['2026-05-01']),
  }) satisfies Arbitrary<MaintenanceWindow>,
  { selector: (each) => each.id, maxLength: 3 },
);

const written = (them: RoutingDocuments) => stringify(them.export(), { aliasDuplicateObjects: false });

describe('export and import', () => {
  it('are each other’s inverse, through YAML and whatever was there before', async () => {
    const sections = record({
      people,
      calendars,
      policies,
      escalations,
      maintenance_windows: windows,
      teams: constant<Team[]>([]),
    });
    await assert(
      asyncProperty(sections, sections, async (before, after) => {
        const there = new RoutingDocuments(
          new MemoryRoutingStore(),
          () => [],
          () => MORNING,
        );
        await there.import({ schemaVersion: 1, ...before }, null, ADA);
        await there.import({ schemaVersion: 1, ...after }, null, ADA);
        const text = written(there);
        const here = new RoutingDocuments(
          new MemoryRoutingStore(),
          () => [],
          () => MORNING,
        );
        const read = RoutingConfigSchema.parse(parse(text));
        await here.import(read, null, BO);
        expect(written(here)).toBe(text);
        expect(there.preview(read).changes).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
