import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CuttingProxy } from '../../src/store/testing/cutting-proxy.ts';
import { FakePagerDuty, ROUTING_KEY } from '../fakes/fake-pagerduty.ts';
import { FakeReceiver, SIGNING_SECRET } from '../fakes/fake-receiver.ts';
import { FakeSlack } from '../fakes/fake-slack.ts';
import { NotifyChild } from './notify-child.ts';
import { aDelivery, FAST, openRig, type Rig } from './notify-rig.ts';
import { runOutageCampaign } from './outage-campaign.ts';
import { openTestDatabase, type TestDatabase } from './test-database.ts';

const until = (probe: () => boolean | Promise<boolean>, timeout = 20_000) =>
  vi.waitUntil(probe, { timeout, interval: 20 });

describe('an outage of every channel with the sender killed twice', () => {
  it('loses no incident, opens and closes each page once, and repeats nothing in Slack', async () => {
    const result = await runOutageCampaign({
      incidents: 9,
      kills: 2,
      outageMs: 4000,
      drainMs: 60_000,
      say: () => undefined,
    });
    expect(result).toMatchObject({
      left: 0,
      pagerDuty: { opened: 9, resolved: 9, stillOpen: 0 },
      slack: { told: 9, repeats: 0, problems: [], rateLimitHits: 0 },
      mail: { told: 9 },
      webhook: { told: 18, badSignatures: 0 },
    });
  }, 120_000);
});

describe('several agents on one database', () => {
  let database: TestDatabase;
  let pagerDuty: FakePagerDuty;
  let receiver: FakeReceiver;
  let writer: Rig;
  const pagers = () => [
    {
      id: 'pagerduty',
      settings: { kind: 'pagerduty', url: pagerDuty.http.url },
      secrets: { routingKey: ROUTING_KEY },
    } as const,
    {
      id: 'hook',
      settings: { kind: 'webhook', url: receiver.http.url },
      secrets: { signingSecret: SIGNING_SECRET },
    } as const,
  ];
  beforeAll(async () => {
    database = await openTestDatabase();
    pagerDuty = await FakePagerDuty.open();
    receiver = await FakeReceiver.open();
    writer = await openRig({ databaseUrl: database.url, channels: [] });
  });
  afterAll(async () => {
    await writer.stop();
    await Promise.all([pagerDuty.close(), receiver.close()]);
    await database.close();
  });

  it('open no page twice when the one that leads is frozen for longer than its lease, and repeat no more than was on its way', async () => {
    const options = { databaseUrl: database.url, channels: pagers(), limits: { ...FAST, leaseMs: 2500 } };
    const replicas = [await NotifyChild.start(options), await NotifyChild.start(options)];
    let told = 0;
    const tellSome = async () => {
      for (let count = 0; count < 5; count++) {
        await writer.tell(aDelivery({ channelId: 'pagerduty' }), aDelivery({ channelId: 'hook' }));
        told++;
        await sleep(30);
      }
    };
    try {
      // Whichever leads: each is frozen once.
      for (const replica of replicas) {
        await tellSome();
        await until(() => receiver.deliveries.size === told);
        replica.freeze();
        await tellSome();
        await until(() => receiver.deliveries.size === told && pagerDuty.opened === told);
        replica.thaw();
        await tellSome();
        await until(() => receiver.deliveries.size === told && pagerDuty.opened === told);
      }
    } finally {
      await Promise.all(replicas.map((replica) => replica.kill9()));
    }
    expect(pagerDuty.opened).toBe(told);
    // A webhook cannot be asked whether it had arrived before the freeze; its delivery id says so to the receiver.
    expect(receiver.repeats).toBeLessThanOrEqual(replicas.length);
  }, 60_000);

  it('hand a message over to the channel that stands in, and let what follows go there too', async () => {
    const [page, hook] = pagers();
    const standIn = { ...page, id: 'stand-in' };
    const rig = await openRig({
      databaseUrl: database.url,
      channels: [{ ...hook, failover: 'stand-in' }, standIn],
      limits: { ...FAST, failOverMs: 500 },
    });
    receiver.http.fault = 'hang';
    const { opened: pagesBefore, resolved: endsBefore } = pagerDuty;
    try {
      rig.notify.start();
      const opened = aDelivery({ channelId: 'hook' });
      await rig.tell(opened);
      await until(() => pagerDuty.opened === pagesBefore + 1);
      receiver.http.fault = 'none';
      await until(() => receiver.deliveries.has(`${opened.incidentId}:hook:opened:1`));
      await rig.tell({ ...opened, transition: 'resolved', turn: 2 });
      await until(() => pagerDuty.resolved === endsBefore + 1);
    } finally {
      receiver.http.fault = 'none';
      await rig.stop();
    }
  });
});

describe('a database that goes away between saying and writing down', () => {
  it.each(['delivered', 'lost'] as const)(
    'makes nothing be said twice when the answer, or the write, is lost: %s',
    async (fate) => {
      const database = await openTestDatabase();
      const slack = await FakeSlack.open();
      const proxy = await CuttingProxy.open(() => Number(new URL(database.url).port));
      const through = new URL(database.url);
      through.port = String(proxy.port);
      const settings = {
        kind: 'slack',
        channel: 'C0123456789',
        apiUrl: slack.apiUrl,
        people: {},
        timeZone: 'UTC',
      } as const;
      const rig = await openRig({
        databaseUrl: through.href,
        channels: [{ id: 'slack', settings, secrets: { botToken: 'xoxb-test' } }],
      });
      // Past the proxy: it must not be cut off itself.
      const reader = await openRig({ databaseUrl: database.url, channels: [] });
      try {
        rig.notify.start();
        proxy.cutAt("SET state = 'sent'", fate);
        const opened = aDelivery();
        await rig.tell(opened);
        await until(async () => {
          const rows = await reader.database.query(`SELECT 1 FROM outbox WHERE state = 'sent'`);
          return rows.length === 1;
        });
        await reader.tell({ ...opened, transition: 'resolved', turn: 2 });
        await until(() => slack.messages.length === 2);
        expect(slack.top).toHaveLength(1);
        expect(slack.top[0].edits).toBe(1);
      } finally {
        await Promise.all([rig.stop(), reader.stop()]);
        await Promise.all([proxy.close(), slack.close()]);
        await database.close();
      }
    },
  );
});
