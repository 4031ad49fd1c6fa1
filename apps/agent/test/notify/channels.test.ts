import { createHmac } from 'node:crypto';
import type { ChannelSettings } from '@sentinellog/shared';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../../src/notify/channel.ts';
import { openChannel } from '../../src/notify/channels.ts';
import { createOutwardFetch, TargetRules } from '../../src/notify/outward-fetch.ts';
import { PagerDutyEvents } from '../../src/notify/pagerduty-events.ts';
import { anIncident, aNotice } from '../../src/notify/testing/a-notice.ts';
import type { Transition } from '../../src/pipeline/delivery.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { FakePagerDuty, ROUTING_KEY } from '../fakes/fake-pagerduty.ts';
import { FakeReceiver, SIGNING_SECRET } from '../fakes/fake-receiver.ts';
import { FakeSlack } from '../fakes/fake-slack.ts';
import { FakeSmtp } from '../fakes/fake-smtp.ts';
import { type FakeRequest, FaultyServer } from '../fakes/faulty-server.ts';

const NOW = 1_767_229_200_000;
const tools = { now: () => NOW, fetch: createOutwardFetch(new TargetRules(['127.0.0.1'])) };
const soon = () => AbortSignal.timeout(2000);
const about = (transition: Transition, ref: unknown = null, inDoubt = false): Message => {
  return { notice: aNotice(transition), key: `k:${transition}`, ref, inDoubt };
};

/** The same, read when the incident had that version. */
function seen(transition: Transition, version: number, ref: unknown): Message {
  const { incident } = aNotice(transition);
  return { ...about(transition, ref), notice: aNotice(transition, { incident: { ...incident, version } }) };
}

describe('PagerDuty', () => {
  let pagerDuty: FakePagerDuty;
  const open = (routingKey = ROUTING_KEY) =>
    openChannel({ kind: 'pagerduty', url: pagerDuty.http.url }, { routingKey }, tools);
  beforeEach(async () => {
    pagerDuty = await FakePagerDuty.open();
  });
  afterEach(() => pagerDuty.close());

  it('opens and closes one alert, however often it is told', async () => {
    const channel = open();
    for (const transition of [
      'opened',
      'opened',
      'updated',
      'acknowledged',
      'escalated',
      'resolved',
      'resolved',
    ] as const)
      await channel.deliver(about(transition), soon());
    expect([pagerDuty.opened, pagerDuty.resolved]).toEqual([1, 1]);
    expect(new Set(pagerDuty.events.map(({ dedup_key }) => dedup_key))).toEqual(new Set([anIncident().incident_id]));
  });

  it('takes the longest headline and ten megabytes of lines', async () => {
    const notice = aNotice('opened', {
      headline: 'x'.repeat(5000),
      samples: Array.from({ length: 10 }, () => ({ at_ms: 0, level: 'error', service: 's', message: 'é'.repeat(1e6) })),
    });
    await open().deliver({ ...about('opened'), notice }, soon());
    expect(pagerDuty.events[0].payload.summary).toHaveLength(1024);
  });

  it('says when the routing key is wrong', async () => {
    await expect(open('R'.repeat(32)).deliver(about('opened'), soon())).rejects.toMatchObject({
      remedy: 'broken',
      reason: 'auth',
    });
  });

  it('is waited for when it asks for a pause', async () => {
    pagerDuty.http.fault = 'rate429';
    pagerDuty.http.retryAfterSeconds = 30;
    await expect(open().deliver(about('opened'), soon())).rejects.toMatchObject({
      remedy: 'retry',
      retryAfterMs: 30_000,
    });
  });
});

describe("PagerDuty's own events", () => {
  const SECRET = 'pd-secret';
  const acts: unknown[] = [];
  const heard: unknown[] = [];
  const events = () =>
    new PagerDutyEvents({
      channelOf: (id) => (id === 'pd' ? { secrets: { webhookSecret: SECRET } } : undefined),
      desk: {
        act: (...act) => {
          acts.push(act);
          return Promise.resolve({ type: 'done' });
        },
      },
      people: { nameOf: () => Promise.resolve(null) },
      heard: (...what) => {
        heard.push(what);
        return Promise.resolve();
      },
      now: () => NOW,
      log: createLog('silent'),
    });
  const body = (overrides: object = {}) =>
    Buffer.from(
      JSON.stringify({
        event: {
          id: 'E1',
          event_type: 'incident.acknowledged',
          occurred_at: new Date(NOW - 1000).toISOString(),
          agent: { id: 'PMIA', type: 'user_reference', summary: 'Mia' },
          data: { id: 'Q1', type: 'incident', incident_key: 'incident-1' },
          ...overrides,
        },
      }),
    );
  const sign = (bytes: Uint8Array, secret = SECRET) => `v1=${createHmac('sha256', secret).update(bytes).digest('hex')}`;
  beforeEach(() => {
    acts.length = 0;
    heard.length = 0;
  });

  it('are good with one of two signatures, and with nothing else', () => {
    const pagerDuty = events();
    expect(pagerDuty.check('pd', `${sign(body(), 'old')},${sign(body())}`, body())).toBe('ok');
    expect(pagerDuty.check('pd', sign(body(), 'old'), body())).toBe('wrong');
    expect(pagerDuty.check('pd', sign(body()), body({ id: 'E2' }))).toBe('wrong');
    expect(pagerDuty.check('unknown', sign(body()), body())).toBe('wrong');
    expect(pagerDuty.check('pd', undefined, body())).toBe('missing');
  });

  it('act here as who acted there, once, and are not said back', async () => {
    const pagerDuty = events();
    expect(await pagerDuty.handle('pd', body())).toBe('done');
    expect(await pagerDuty.handle('pd', body())).toBe('ignored');
    expect(acts).toEqual([
      ['incident-1', { action: 'ack', holdMs: 0 }, { kind: 'person', name: 'Mia', via: 'pagerduty' }],
    ]);
    expect(heard).toEqual([['incident-1', 'pd', 'acknowledged']]);
  });

  it.each([
    ['by our own integration', { agent: { id: 'P1', type: 'inbound_integration_reference' } }],
    ['by nobody', { agent: null }],
    ['of two hours ago', { occurred_at: new Date(NOW - 7_200_000).toISOString() }],
    ['of no time', { occurred_at: 'yesterday' }],
    ['about something else', { event_type: 'incident.priority_updated' }],
    ['about an incident that is not ours', { data: { id: 'Q1', incident_key: null } }],
  ])('%s do nothing', async (_, overrides) => {
    expect(await events().handle('pd', body(overrides))).toBe('ignored');
    expect(acts).toEqual([]);
  });

  it('are refused when they are something else', async () => {
    await expect(events().handle('pd', Buffer.from('{"event":'))).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('mail', () => {
  let smtp: FakeSmtp;
  const open = () =>
    openChannel(
      {
        kind: 'email',
        host: '127.0.0.1',
        port: smtp.port,
        security: 'none',
        from: 'sentinellog@example.com',
        to: ['a@example.com', 'b@example.com'],
      },
      {},
      tools,
    );
  beforeEach(async () => {
    smtp = await FakeSmtp.open();
  });
  afterEach(() => smtp.close());

  it('has the same id at every attempt, so that a repeat is shown once', async () => {
    await open().deliver(about('opened'), soon());
    await open().deliver(about('opened'), soon());
    const ids = smtp.mails.map((mail) => /^Message-ID: (.*)$/m.exec(mail)?.[1]);
    expect(ids[0]).toBeDefined();
    expect(ids[0]).toBe(ids[1]);
  });

  it('puts a digest into one message', async () => {
    await open().digest?.([about('opened'), about('resolved'), about('opened')], soon());
    expect(smtp.mails).toHaveLength(1);
    expect(smtp.mails[0]).toContain('Subject: 3 incidents in 3 services');
  });

  it.each([
    [421, 'retry'],
    [451, 'retry'],
    [550, 'drop'],
  ])('is told %i: %s', async (code, remedy) => {
    smtp.refuseWith = code;
    await expect(open().deliver(about('opened'), soon())).rejects.toMatchObject({ remedy });
  });

  it('ends in time when the server says nothing', async () => {
    smtp.isHanging = true;
    await expect(open().deliver(about('opened'), AbortSignal.timeout(100))).rejects.toMatchObject({ remedy: 'retry' });
  });
});

describe('a webhook', () => {
  it('is signed with both secrets while one is being replaced', async () => {
    const receiver = await FakeReceiver.open();
    const secrets = { signingSecret: 'new', previousSigningSecret: SIGNING_SECRET };
    await openChannel({ kind: 'webhook', url: receiver.http.url }, secrets, tools).deliver(about('opened'), soon());
    await receiver.close();
    const [request] = receiver.deliveries.get('k:opened') ?? [];
    expect(receiver.badSignatures).toBe(0);
    expect(JSON.parse(request.body)).toMatchObject({
      event: 'incident.opened',
      incident: { state: 'OPEN' },
      cluster: 'EU',
    });
  });
});

describe('a ticket', () => {
  let server: FaultyServer;
  let calls: FakeRequest[];
  beforeEach(async () => {
    calls = [];
    server = await FaultyServer.open((request) => {
      calls.push(request);
      if (request.method === 'GET')
        return { status: 200, body: request.path.includes('jql') ? { issues: [] } : [{ number: 7 }] };
      return { status: 201, body: request.path.includes('rest/api') ? { key: 'OPS-7' } : { number: 7 } };
    });
  });
  afterEach(() => server.close());
  const paths = () => calls.map(({ method, path }) => `${method} ${path.split('?')[0]}`);
  const settings = (shape: 'github' | 'jira'): ChannelSettings => ({
    kind: 'ticket',
    shape,
    url: server.url,
    project: shape === 'github' ? 'acme/ops' : 'OPS',
    issueType: 'Bug',
    closeTransition: '31',
  });

  it('of GitHub is opened, commented on and closed', async () => {
    const channel = openChannel(settings('github'), { token: 't' }, tools);
    const { ref } = await channel.deliver(about('opened'), soon());
    await channel.deliver(about('acknowledged', ref), soon());
    await channel.deliver(about('resolved', ref), soon());
    expect(paths()).toEqual([
      'POST /repos/acme/ops/issues',
      'POST /repos/acme/ops/issues/7/comments',
      'POST /repos/acme/ops/issues/7/comments',
      'PATCH /repos/acme/ops/issues/7',
    ]);
    expect(JSON.parse(calls[3].body)).toEqual({ state: 'closed' });
  });

  it('of Jira is opened, commented on and closed', async () => {
    const channel = openChannel(settings('jira'), { token: 't' }, tools);
    const { ref } = await channel.deliver(about('opened'), soon());
    await channel.deliver(about('resolved', ref), soon());
    expect(paths()).toEqual([
      'POST /rest/api/2/issue',
      'POST /rest/api/2/issue/OPS-7/comment',
      'POST /rest/api/2/issue/OPS-7/transitions',
    ]);
  });

  it('is looked for before it is opened a second time', async () => {
    const channel = openChannel(settings('github'), { token: 't' }, tools);
    const { messageId } = await channel.deliver(about('opened', null, true), soon());
    expect(messageId).toBe('7');
    expect(paths()).toEqual(['GET /repos/acme/ops/issues']);
  });
});

describe('Slack', () => {
  it('does not cover what it has shown with what was read before, when the two waited for their turn side by side', async () => {
    const slack = await FakeSlack.open();
    const settings = {
      kind: 'slack',
      channel: 'C0123456789',
      apiUrl: slack.apiUrl,
      people: {},
      timeZone: 'UTC',
    } as const;
    const channel = openChannel(settings, { botToken: 'xoxb-test' }, tools);
    try {
      const { ref } = await channel.deliver(seen('opened', 1, null), AbortSignal.timeout(5000));
      // The refresh was read while somebody had it; by its turn that was taken back.
      await Promise.all([
        channel.deliver(seen('unacknowledged', 3, ref), AbortSignal.timeout(8000)),
        channel.refresh?.(seen('acknowledged', 2, ref), AbortSignal.timeout(8000)),
      ]);
      expect(JSON.stringify(slack.top[0]?.blocks)).not.toMatch(/acknowledged by Mia/i);
      await channel.refresh?.(seen('acknowledged', 4, ref), AbortSignal.timeout(8000));
      expect(JSON.stringify(slack.top[0]?.blocks)).toMatch(/acknowledged by Mia/i);
    } finally {
      await slack.close();
    }
  }, 20_000);
});
