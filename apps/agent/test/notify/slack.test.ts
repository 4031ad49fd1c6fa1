import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeSlack } from '../fakes/fake-slack.ts';
import { aDelivery, openRig, type Rig } from './notify-rig.ts';
import { openTestDatabase, type TestDatabase } from './test-database.ts';

const INCIDENT = '01996f00-0000-7000-8000-0000000000b7';
const opened = aDelivery({ incidentId: INCIDENT });

let database: TestDatabase;
let slack: FakeSlack;
let rig: Rig;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  slack = await FakeSlack.open();
  rig = await open();
});
afterEach(async () => {
  await rig.database.query('TRUNCATE outbox, notify_thread, notify_heard');
  await rig.stop();
  await slack.close();
});

async function open(): Promise<Rig> {
  const channel = {
    id: 'slack',
    settings: {
      kind: 'slack',
      channel: 'C0123456789',
      apiUrl: slack.apiUrl,
      people: { U0MIA: 'Mia' },
      timeZone: 'Europe/Berlin',
    },
    secrets: { botToken: 'xoxb-test', appToken: 'xapp-test', signingSecret: 'shh' },
  } as const;
  const opening = await openRig({ databaseUrl: database.url, channels: [channel] });
  opening.notify.start();
  return opening;
}

const until = (probe: () => boolean | Promise<boolean>, timeout = 10_000) =>
  vi.waitUntil(probe, { timeout, interval: 10 });
const settled = () =>
  until(async () => {
    const rows = await rig.database.query(`SELECT 1 FROM outbox WHERE state IN ('pending', 'sending')`);
    return rows.length === 0;
  }, 25_000);

function click(action: object, user = 'U0MIA') {
  return {
    type: 'block_actions',
    user: { id: user },
    channel: { id: 'C0123456789' },
    container: { type: 'message', channel_id: 'C0123456789' },
    actions: [{ action_ts: String(Math.random()), ...action }],
  };
}

describe('an incident in Slack', () => {
  it('is one message, edited in place through its life, with what happened in its thread', async () => {
    await rig.tell(opened);
    await settled();
    await rig.tell({ ...opened, transition: 'acknowledged', turn: 2 }, { ...opened, transition: 'resolved', turn: 3 });
    await settled();
    expect(slack.top).toHaveLength(1);
    expect(slack.top[0].edits).toBe(2);
    expect(slack.top[0].text).toContain('○');
    expect(slack.messages.slice(1).map(({ text, threadTs }) => [threadTs === slack.top[0].ts, text])).toEqual([
      [true, 'Acknowledged by Mia'],
      [true, 'Resolved: back to normal by itself'],
    ]);
    expect(slack.problems).toEqual([]);
  });

  it('is not said twice when the answer to the first message is lost', async () => {
    slack.http.fault = 'taken_then_reset';
    await rig.tell(opened);
    await until(() => slack.messages.length === 1);
    slack.http.fault = 'none';
    await settled();
    expect(slack.messages).toHaveLength(1);
    expect(await rig.outbox.refOf(INCIDENT, 'slack')).toMatchObject({ ts: slack.messages[0].ts });
  });

  it('says all of it in a digest whose first sending lost its answer, also what came since', async () => {
    const deliveries = Array.from({ length: 18 }, () => aDelivery());
    await rig.tell(...deliveries.slice(0, 12));
    await settled();
    slack.http.fault = 'taken_then_reset';
    await rig.tell(...deliveries.slice(12, 15));
    const before = slack.top.length;
    await until(() => slack.top.length > before);
    await rig.tell(...deliveries.slice(15));
    slack.http.fault = 'none';
    await settled();
    const keys = slack.top.flatMap(
      ({ metadata }) => (metadata as { event_payload: { keys: string[] } }).event_payload.keys,
    );
    expect(new Set(keys).size).toBe(18);
    expect(keys).toHaveLength(18);
  }, 40_000);

  it('waits as long as Slack asks for', async () => {
    slack.http.fault = 'rate429';
    await rig.tell(opened);
    await until(() => slack.http.requests === 1);
    slack.http.fault = 'none';
    const [row] = await rig.database.query<{ due_ms: number }>('SELECT due_ms FROM outbox');
    await settled();
    expect(slack.http.requests).toBe(2);
    expect(row.due_ms).toBeGreaterThan(0);
  });

  it('says in the status what a person has to do, and sends all of it once that is done', async () => {
    slack.refuseWith = 'invalid_auth';
    await rig.tell(opened);
    await until(() => rig.notify.complaints().length > 0);
    expect(rig.notify.complaints()).toEqual(['slack: Slack: the bot token is not valid: replace it']);
    const [view] = await rig.notify.desk.list();
    expect(view.status).toMatchObject({ state: 'broken' });
    expect(JSON.stringify(view)).not.toContain('xoxb');
  });

  it('is a digest where forty open at once, and the digest follows them', async () => {
    const deliveries = Array.from({ length: 40 }, () => aDelivery());
    await rig.tell(...deliveries);
    await settled();
    expect(slack.rateLimitHits).toBe(0);
    expect(slack.top.length).toBeLessThanOrEqual(10);
    const digest = slack.top.find(({ text }) => text.includes('incidents at once'));
    expect(digest?.text).toMatch(/^\d\d incidents at once, \d\d not resolved$/);
    await rig.tell(...deliveries.slice(-3).map((each) => ({ ...each, transition: 'resolved' as const, turn: 2 })));
    await settled();
    expect(digest?.edits).toBeGreaterThan(0);
    expect(slack.problems).toEqual([]);
    expect(slack.rateLimitHits).toBe(0);
  }, 60_000);
});

describe('a click in Slack', () => {
  beforeEach(async () => {
    await rig.tell(opened);
    await settled();
    await until(() => slack.connections === 1);
  });

  it('acknowledges as the person who clicked, and the message shows it', async () => {
    await slack.click(click({ action_id: 'sentinellog_ack', value: INCIDENT }));
    await until(() => slack.top[0].edits === 1);
    expect(rig.acts).toEqual([
      {
        incidentId: INCIDENT,
        action: { action: 'ack', holdMs: 0 },
        actor: { kind: 'person', name: 'Mia', via: 'slack' },
      },
    ]);
  });

  it('silences for the time that was chosen', async () => {
    const before = Date.now();
    await slack.click(click({ action_id: 'sentinellog_silence', selected_option: { value: `1h:${INCIDENT}` } }));
    await until(() => rig.acts.length === 1);
    expect(rig.acts[0].action).toMatchObject({ action: 'silence', scope: 'incident' });
    const { untilMs } = rig.acts[0].action as { untilMs: number };
    expect(Math.round((untilMs - before) / 60_000)).toBe(60);
  });

  it('does nothing for somebody who is not known here, and tells only them', async () => {
    await slack.click(click({ action_id: 'sentinellog_ack', value: INCIDENT }, 'U0STRANGER'));
    await until(() => slack.whispers.length === 1);
    expect(rig.acts).toEqual([]);
    expect(slack.whispers[0]).toMatchObject({ user: 'U0STRANGER' });
  });

  it('arrives again after Slack has dropped the connection', async () => {
    await slack.dropSockets();
    await until(() => slack.connections === 1, 20_000);
    await slack.click(click({ action_id: 'sentinellog_more', selected_option: { value: `resolve:${INCIDENT}` } }));
    await until(() => rig.acts.length === 1);
    expect(rig.acts[0].action).toMatchObject({ action: 'resolve' });
  });
});
