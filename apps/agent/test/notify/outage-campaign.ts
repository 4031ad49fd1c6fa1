/** R6: every channel fails in every way for a while, the sender is killed again and again, and nothing is lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery } from '../../src/pipeline/delivery.ts';
import { FakePagerDuty, ROUTING_KEY } from '../fakes/fake-pagerduty.ts';
import { FakeReceiver, SIGNING_SECRET } from '../fakes/fake-receiver.ts';
import { FakeSlack } from '../fakes/fake-slack.ts';
import { FakeSmtp } from '../fakes/fake-smtp.ts';
import { FAULTS } from '../fakes/faulty-server.ts';
import { NotifyChild } from './notify-child.ts';
import { aDelivery, FAST, openRig, type RigChannel } from './notify-rig.ts';
import { openTestDatabase } from './test-database.ts';

export interface CampaignOptions {
  readonly incidents: number;
  readonly outageMs: number;
  readonly kills: number;
  /** After the outage, for what waits (a message a second in Slack). */
  readonly drainMs: number;
  readonly say: (line: string) => void;
}

export interface CampaignResult {
  readonly pagerDuty: { readonly opened: number; readonly resolved: number; readonly stillOpen: number };
  /** Incidents that Slack was told of, and messages that told of one a second time. */
  readonly slack: {
    readonly told: number;
    readonly repeats: number;
    readonly problems: readonly string[];
    readonly rateLimitHits: number;
  };
  readonly mail: { readonly told: number };
  readonly webhook: { readonly told: number; readonly repeats: number; readonly badSignatures: number };
  readonly left: number;
  readonly firstDeliveryAfterReturnMs: number;
}

const CHANNELS = ['slack', 'pagerduty', 'mail', 'hook'] as const;

export async function runOutageCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { incidents, outageMs, kills, drainMs, say } = options;
  const database = await openTestDatabase();
  const [slack, pagerDuty, smtp, receiver] = await Promise.all([
    FakeSlack.open(),
    FakePagerDuty.open(),
    FakeSmtp.open(),
    FakeReceiver.open(),
  ]);
  const replica = {
    databaseUrl: database.url,
    channels: channelsOf(slack, pagerDuty, smtp, receiver),
    limits: { ...FAST, digestGapMs: 2000 },
  };
  // Not started: it only writes rows, as the desk of incidents would.
  const writer = await openRig({ databaseUrl: database.url, channels: [] });
  let child = await NotifyChild.start(replica);
  try {
    const ids = Array.from({ length: incidents }, (_, index) => `r6-${String(index).padStart(4, '0')}`);
    const of = (incidentId: string, transition: Delivery['transition'], turn: number) =>
      CHANNELS.map((channelId) => aDelivery({ incidentId, channelId, transition, turn }));

    const step = outageMs / Math.max(incidents, 1);
    const killAt = new Set(
      Array.from({ length: kills }, (_, index) => Math.floor(((index + 0.5) * incidents) / kills)),
    );
    for (const [index, id] of ids.entries()) {
      breakAll(index);
      await writer.tell(...of(id, 'opened', 1));
      // Some end while the channels are away: their page must still come before its end.
      if (index % 3 === 0) await writer.tell(...of(id, 'resolved', 2));
      await sleep(step);
      if (!killAt.has(index)) continue;
      await child.kill9();
      child = await NotifyChild.start(replica);
      say(`killed and started again after ${index + 1} of ${incidents} incidents`);
    }
    mendAll();
    const mendedMs = performance.now();
    const before = receiver.deliveries.size;
    for (const [index, id] of ids.entries()) if (index % 3 !== 0) await writer.tell(...of(id, 'resolved', 2));
    while (receiver.deliveries.size === before && performance.now() - mendedMs < drainMs) await sleep(20);
    const firstDeliveryAfterReturnMs = Math.round(performance.now() - mendedMs);
    say(`all channels are back; the first delivery came after ${firstDeliveryAfterReturnMs} ms`);

    let left = await openRows();
    while (left > 0 && performance.now() - mendedMs < drainMs) {
      await sleep(200);
      left = await openRows();
    }
    const keys = slack.top.flatMap(({ metadata }) => keysOf(metadata));
    const mails = smtp.mails.join('\n').replaceAll('=\r\n', '');
    return {
      pagerDuty: { opened: pagerDuty.opened, resolved: pagerDuty.resolved, stillOpen: pagerDuty.open.size },
      slack: {
        told: new Set(keys).size,
        repeats: keys.length - new Set(keys).size,
        problems: slack.problems,
        rateLimitHits: slack.rateLimitHits,
      },
      mail: { told: ids.filter((id) => mails.includes(`INC-${id}`)).length },
      webhook: { told: receiver.deliveries.size, repeats: receiver.repeats, badSignatures: receiver.badSignatures },
      left,
      firstDeliveryAfterReturnMs,
    };
  } finally {
    await child.kill9();
    await writer.stop();
    await Promise.all([slack.close(), pagerDuty.close(), smtp.close(), receiver.close()]);
    await database.close();
  }

  function breakAll(index: number): void {
    // Each channel is at another fault, and all of them change together.
    const faults = FAULTS.filter((fault) => fault !== 'none' && fault !== 'redirect');
    const turn = Math.floor((index * faults.length * 2) / incidents);
    slack.http.fault = faults[turn % faults.length];
    pagerDuty.http.fault = faults[(turn + 1) % faults.length];
    receiver.http.fault = faults[(turn + 2) % faults.length];
    smtp.refuseWith = turn % 2 === 0 ? 421 : 0;
    smtp.isHanging = turn % 2 === 1;
  }
  function mendAll(): void {
    slack.http.fault = 'none';
    pagerDuty.http.fault = 'none';
    receiver.http.fault = 'none';
    smtp.refuseWith = 0;
    smtp.isHanging = false;
  }
  async function openRows(): Promise<number> {
    const [row] = await writer.database.query<{ count: number }>(
      `SELECT count(*) AS count FROM outbox WHERE state IN ('pending', 'sending')`,
    );
    return row.count;
  }
}

function keysOf(metadata: unknown): readonly string[] {
  return (metadata as { event_payload?: { keys?: string[] } } | undefined)?.event_payload?.keys ?? [];
}

function channelsOf(slack: FakeSlack, pagerDuty: FakePagerDuty, smtp: FakeSmtp, receiver: FakeReceiver): RigChannel[] {
  return [
    {
      id: 'slack',
      settings: { kind: 'slack', channel: 'C0123456789', apiUrl: slack.apiUrl, people: {}, timeZone: 'UTC' },
      secrets: { botToken: 'xoxb-test' },
    },
    { id: 'pagerduty', settings: { kind: 'pagerduty', url: pagerDuty.http.url }, secrets: { routingKey: ROUTING_KEY } },
    {
      id: 'mail',
      settings: {
        kind: 'email',
        host: '127.0.0.1',
        port: smtp.port,
        security: 'none',
        from: 'sentinellog@example.com',
        to: ['ops@example.com'],
      },
      secrets: {},
    },
    { id: 'hook', settings: { kind: 'webhook', url: receiver.http.url }, secrets: { signingSecret: SIGNING_SECRET } },
  ];
}
