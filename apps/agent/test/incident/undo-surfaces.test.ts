/** Undo wherever something was done: over the API, in the console (the API with what it had seen), by a button in Slack. */
import type { Incident, IncidentAction } from '@sentinellog/shared';
import * as fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { aFakeAgent, bearer, TOKENS } from '../../src/api/testing/fake-agent.ts';
import { DeskWorld } from '../../src/incident/testing/desk-world.ts';
import type { BookedChannel } from '../../src/notify/channel-book.ts';
import { SlackClicks } from '../../src/notify/slack/slack-clicks.ts';
import { createLog } from '../../src/telemetry/log.ts';

/** Ten seconds. */
const RUNS = Number(process.env['SENTINELLOG_UNDO_RUNS'] ?? 1000);

const SLACK: BookedChannel = {
  channelId: 'slack',
  name: 'Slack',
  enabled: true,
  failover: null,
  settings: { kind: 'slack', channel: 'C1', apiUrl: 'https://slack.com/api/', people: { U1: 'Mia' }, timeZone: 'UTC' },
  secretNames: [],
  secrets: { botToken: 'xoxb-test' },
  origin: 'config',
  version: 1,
  channel: null,
  problem: '',
  fingerprint: '',
};

type Surface = 'api' | 'console' | 'slack';
type Verb = 'ack' | 'resolve' | 'silence' | 'assign' | 'severity';
/** What the console's undo sends; who was assigned and how severe it was it has kept. */
const UNDO: Readonly<Record<Verb, (before: Incident) => IncidentAction>> = {
  ack: () => ({ action: 'unack' }),
  resolve: () => ({ action: 'reopen' }),
  silence: () => ({ action: 'unsilence' }),
  assign: ({ assigned_to }) => ({ action: 'assign', to: assigned_to }),
  severity: ({ severity_override }) => ({
    action: 'severity',
    severity: severity_override?.severity ?? null,
    reason: severity_override?.reason ?? '',
  }),
};
const BODIES: Readonly<Record<Verb, object>> = {
  ack: {},
  resolve: { force: true },
  silence: {},
  assign: { to: 'Otto' },
  severity: { severity: 'P3', reason: 'a test system' },
};
const BUTTONS: Readonly<Partial<Record<Verb, (incidentId: string) => object>>> = {
  ack: (value) => ({ action_id: 'sentinellog_ack', value }),
  resolve: (id) => ({ action_id: 'sentinellog_more', selected_option: { value: `resolve:${id}` } }),
  silence: (id) => ({ action_id: 'sentinellog_silence', selected_option: { value: `1h:${id}` } }),
};

/** One API for all sequences; each of them has a desk of its own behind it. */
let world = new DeskWorld();
let clicks = 0;
const { api } = await aFakeAgent({
  incidentDesk: { act: (target, deed) => world.desk.act(target, deed) },
  now: () => world.nowMs,
});
afterAll(() => api.close());

/** The same desk behind all three. */
async function everySurface() {
  world = new DeskWorld();
  await world.fire();
  const { incident_id } = world.incident;
  const slack = new SlackClicks({
    channels: () => [SLACK],
    desk: {
      act: async (incidentId, action, actor) => {
        try {
          await world.desk.act({ incidentId }, { action, actor });
          return { type: 'done' };
        } catch (error) {
          return { type: 'refused', detail: error instanceof Error ? error.message : String(error) };
        }
      },
    },
    people: { nameOf: () => Promise.resolve(null) },
    show: () => Promise.resolve(),
    fetch: () => Promise.resolve({ status: 200, headers: {}, text: '{"ok":true}' }),
    now: () => world.nowMs,
    log: createLog('silent'),
  });
  const post = (verb: string, body: object, headers: Record<string, string> = {}) =>
    api.inject({
      method: 'POST',
      url: `/v1/incidents/${incident_id}/${verb}`,
      headers: { ...bearer(TOKENS.operator), ...headers },
      payload: body,
    });
  const asConsole = (verb: string, body: object) =>
    post(verb, body, {
      'x-sentinel-via': 'console',
      'if-match': String(world.incident.version),
      'idempotency-key': `request-${++clicks}`,
    });
  const does: Readonly<Record<Surface, (verb: Verb) => Promise<unknown>>> = {
    api: (verb) => post(verb, BODIES[verb]),
    console: (verb) => asConsole(verb, BODIES[verb]),
    slack: (verb) => {
      const button = BUTTONS[verb]?.(incident_id);
      if (button === undefined) return Promise.resolve();
      return slack.handle({
        type: 'block_actions',
        user: { id: 'U1' },
        channel: { id: 'C1' },
        actions: [{ action_ts: String(++clicks), ...button }],
      });
    },
  };
  const undo = ({ action, ...body }: IncidentAction) => asConsole(action, body);
  return { does, undo };
}

/** What people see, without what only counts changes. */
function sight({ version: _v, updated_at_ms: _u, held: _h, ...incident }: Incident) {
  return { ...incident, alerts: incident.alerts.map(({ version: _a, updated_at_ms: _b, ...alert }) => alert) };
}

const step = fc.record({
  surface: fc.constantFrom<Surface[]>('api', 'console', 'slack'),
  verb: fc.constantFrom<Verb[]>('ack', 'resolve', 'silence', 'assign', 'severity'),
  waitMs: fc.constantFrom(0, 1500, 9000),
});

it('brings back exactly what was before, and what is undone inside its hold has never left', async () => {
  let undone = 0;
  let undoneInHold = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const { does, undo } = await everySurface();
      const done: { readonly verb: Verb; readonly before: Incident }[] = [];
      for (const { surface, verb, waitMs } of steps) {
        await world.pass(waitMs);
        const before = world.incident;
        await does[surface](verb);
        if (world.incident.version > before.version) done.push({ verb, before });
      }
      for (const { verb, before } of done.toReversed()) {
        const { held } = world.incident;
        const wasHeld = held !== null && world.nowMs < held.until_ms && (verb === 'ack' || verb === 'resolve');
        const sent = world.store.outbox.sent.length;
        expect(await undo(UNDO[verb](before))).toMatchObject({ statusCode: 200 });
        expect(sight(world.incident)).toEqual(sight(before));
        undone++;
        if (!wasHeld) continue;
        undoneInHold++;
        await world.pass(20_000);
        const relayed = world.store.outbox.sent.slice(sent).map(({ transition }) => transition);
        expect(relayed).not.toContain(held?.transition);
        expect(relayed).not.toContain(verb === 'ack' ? 'unacknowledged' : 'reopened');
      }
    }),
    { numRuns: RUNS },
  );
  process.stderr.write(`${RUNS} sequences, ${undone} undone, ${undoneInHold} of them inside the hold\n`);
  expect(undoneInHold).toBeGreaterThan(0);
}, 300_000);
