import {
  HookSchema,
  type Incident,
  IncidentDetailSchema,
  IncidentListSchema,
  RoutingExplanationSchema,
  type RuleBody,
  RuleListSchema,
} from '@sentinellog/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyOfRule } from '../../src/rules/rule-document.ts';
import { FaultyServer } from '../fakes/faulty-server.ts';
import { AgentProcess, eventually } from './agent-process.ts';
import { OutsideWorld } from '../fakes/outside-world.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** Wednesday, three in the morning in UTC: nobody is at work. */
const NIGHT = Date.UTC(2026, 0, 21, 3);
/** The present, as it is when the test begins. */
const NOW = Math.floor(Date.now() / SECOND) * SECOND;

const agent = new AgentProcess();
let outside: OutsideWorld;
let restarts: string[];
let pool: FaultyServer;
beforeAll(async () => {
  outside = await OutsideWorld.open();
  restarts = [];
  pool = await FaultyServer.open(({ body }) => {
    restarts.push(body);
    return { status: 200, body: 'restarted' };
  });
  await agent.start(...outside.startOptions(agent.dataDir, { rules: { readyMade: true } }));
}, 60_000);
afterAll(async () => {
  await agent.remove();
  await outside.close();
  await pool.close();
});

interface Line {
  readonly at: number;
  readonly level?: string;
  readonly message: string;
  readonly duration_ms?: number;
  readonly user_id?: string;
}

/** Services that nothing is learnt of yet: whatever is said of them is a rule's word. */
async function log(service: string, lines: readonly Line[]): Promise<void> {
  const body = lines.map(({ at, level = 'info', ...rest }) =>
    JSON.stringify({ timestamp: new Date(at).toISOString(), service, level, ...rest }),
  );
  const answer = await agent.ingest(body.join('\n'));
  expect(answer.status).toBe(202);
}

const times = (count: number, everyMs: number, line: (index: number) => Omit<Line, 'at'>): Line[] =>
  Array.from({ length: count }, (_, index) => ({ at: NOW - (count - index) * everyMs, ...line(index) }));

const incidentOf = (service: string): Promise<Incident> =>
  eventually(`the incident of ${service}`, 60_000, async () => {
    const { incidents } = IncidentListSchema.parse(await agent.get('/v1/incidents'));
    return incidents.find(({ services }) => services.includes(service));
  });

/** Which channels hear of it, and in how many minutes, at a time. */
async function toldOf({ incident_id }: Incident, at_ms: number): Promise<string[]> {
  const { body } = await agent.post('/v1/routing:explain', { incident_id, at_ms });
  const { told } = RoutingExplanationSchema.parse(body);
  return told.map(
    ({ channel_id, not_before_ms, batch }) =>
      `${channel_id} +${(not_before_ms - at_ms) / MINUTE} min${batch ? ', batch' : ''}`,
  );
}

async function changeRule(name: string, change: Partial<RuleBody>): Promise<void> {
  const { rules } = RuleListSchema.parse(await agent.get('/v1/alerts/policies'));
  const rule = rules.find((one) => one.name === name);
  if (rule === undefined) throw new Error(`there is no rule ${name}`);
  expect(rule).toMatchObject({ enabled: true, action: 'page', severity: 'P1' });
  const { status } = await fetch(`${agent.url}/v1/alerts/policies/${rule.rule_id}`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${agent.credentials.adminToken}`,
      'content-type': 'application/json',
      'if-match': `"${rule.version}"`,
    },
    body: JSON.stringify({ ...bodyOfRule(rule), ...change }),
  });
  expect(status).toBe(200);
}

const EVERYTHING: RuleBody['scope'] = { services: [], tags: [], levels: [], fields: [] };
const PAGE = ['pagerduty +0 min', 'slack +0 min'];
const BATCH = 'mail +60 min, batch';

describe("the five rules of S3-04, fired by lines, and whom S3-06's table and their action tell by night", {
  timeout: 90_000,
}, () => {
  it('error spike: 120 errors in four minutes are for Slack, when it is day', async () => {
    await log(
      'checkout-service',
      times(120, 2 * SECOND, (index) => ({ level: 'error', message: `order ${index} refused` })),
    );
    const incident = await incidentOf('checkout-service');
    expect(incident).toMatchObject({ severity: 'P2', state: 'OPEN' });
    expect(incident.title).toMatch(/^checkout-service: checkout-service logged \d+ errors in 5 min, more than 100/);
    expect(await toldOf(incident, NIGHT)).toEqual(['slack +360 min']);
    expect(await toldOf(incident, NIGHT + 7 * 60 * MINUTE)).toEqual(['slack +0 min']);
  });

  // Ten minutes of it are judged in rule-book.test.ts; here nobody waits that long.
  it('service down: nothing for as long as the rule says pages at all hours', async () => {
    await changeRule('Service down', { window_seconds: 15, scope: { ...EVERYTHING, services: ['ledger-*'] } });
    await log('ledger-service', [{ at: Date.now(), message: 'closing the books' }]);
    const incident = await incidentOf('ledger-service');
    expect(incident).toMatchObject({ severity: 'P1' });
    expect(incident.title).toContain('ledger-service has not logged anything for 15 s');
    expect(await toldOf(incident, NIGHT)).toEqual(PAGE);
  });

  it('slow response: a p99 above five seconds is a ticket, and mail in batches', async () => {
    await log(
      'report-service',
      times(120, 2 * SECOND, (index) => ({ message: `report ${index} drawn`, duration_ms: 7000 })),
    );
    const incident = await incidentOf('report-service');
    expect(incident).toMatchObject({ severity: 'P3' });
    expect(incident.title).toMatch(/answers slowly: p99 \d+ ms over 5 min, more than 5000 ms/);
    expect(await toldOf(incident, NIGHT)).toEqual(['tickets +0 min', BATCH]);
    const ticket = await eventually('the ticket', 30_000, async () =>
      outside.tickets.issues.find(({ title }) => title.includes('report-service')),
    );
    expect(ticket).toMatchObject({ state: 'open', labels: [`sentinellog-${incident.incident_id}`] });
  });

  it('suspicious user: sixty errors of one user within an hour are for review by mail', async () => {
    await log(
      'account-service',
      times(60, 50 * SECOND, (index) => ({ level: 'error', message: `password ${index} refused`, user_id: 'u-4711' })),
    );
    const incident = await incidentOf('account-service');
    expect(incident).toMatchObject({ severity: 'P3' });
    expect(incident.title).toMatch(/user u-4711 caused \d+ errors/);
    expect(await toldOf(incident, NIGHT)).toEqual([BATCH]);
  });

  it('database connection failure: a dozen in two minutes page, and the hook of the rule restarts the pool, once', async () => {
    const made = await agent.post('/v1/hooks', {
      name: 'Restart the pool',
      enabled: true,
      effect: 'restart',
      url: pool.url,
      body: '{"service":"{{incident.service}}","because":"{{incident.reason}}"}',
    });
    expect(made.status).toBe(201);
    const { hook_id } = HookSchema.parse(made.body);
    await changeRule('Database connection failure', { action: 'hook', hook_id });
    await log(
      'stock-service',
      times(12, 8 * SECOND, (index) => ({ level: 'error', message: `database connection ${index} refused` })),
    );
    const incident = await incidentOf('stock-service');
    expect(incident).toMatchObject({ severity: 'P1' });
    expect(await toldOf(incident, NIGHT)).toEqual(PAGE);
    const runs = await eventually('the runs in the timeline', 30_000, async () => {
      const { timeline } = IncidentDetailSchema.parse(await agent.get(`/v1/incidents/${incident.incident_id}`));
      const found = timeline.filter(({ kind }) => kind === 'hook_run');
      return found.length >= 2 ? found : undefined;
    });
    expect(runs.map(({ text }) => text.replace(/\d+\.\d s/, 'n s'))).toEqual([
      'rule Database connection failure runs "Restart the pool"',
      '"Restart the pool" succeeded after n s: the other side answered 200',
    ]);
    expect(runs.every(({ links }) => links[0]?.kind === 'hook_run')).toBe(true);
    expect(restarts.map((sent) => JSON.parse(sent) as unknown)).toMatchObject([{ service: 'stock-service' }]);
  });

  it('is what the channels heard: two pages and one ticket, nothing of them in the mail yet', async () => {
    await eventually('both pages', 30_000, async () => (outside.pagerDuty.opened === 2 ? true : undefined));
    const paged = outside.pagerDuty.events.filter(({ event_action }) => event_action === 'trigger');
    expect(paged.map(({ payload }) => payload.source).toSorted()).toEqual(['ledger-service', 'stock-service']);
    await eventually('both in Slack', 30_000, async () =>
      ['ledger-service', 'stock-service'].every((service) => JSON.stringify(outside.slack.top).includes(service))
        ? true
        : undefined,
    );
    expect(outside.tickets.issues).toHaveLength(1);
    expect(outside.smtp.mails).toEqual([]);
    expect(restarts).toHaveLength(1);
    expect(outside.slack.problems).toEqual([]);
  });
});
