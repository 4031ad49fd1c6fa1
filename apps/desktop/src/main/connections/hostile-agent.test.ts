import type { AgentMessage } from '@sentinellog/shared';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SocketHandlers } from '../../bridge/agent-connection.ts';
import type { BridgeEvent } from '../../bridge/events.ts';
import { anIncident } from '../../bridge/testing/an-incident.ts';
import { DeskWatch } from '../desk/desk-watch.ts';
import { AgentLink } from './agent-link.ts';
import { HEALTH } from './testing/fake-agent.ts';

const START = 1_767_229_200_000;
/** reliability §4, row 13. */
const MESSAGES = 100_000;

/** Two links on one clock: what the test says arrives as if the agent had said it. */
function twoAgents() {
  let nowMs = START;
  const events: BridgeEvent[] = [];
  const watch = new DeskWatch();
  const sockets = new Map<string, SocketHandlers>();
  const timers = new Set<{ readonly atMs: number; readonly run: () => void }>();
  const link = (agentId: string): AgentLink =>
    new AgentLink({
      agentId,
      streamUrl: `wss://${agentId}/v1/stream`,
      token: () => 'slt_1',
      send: (event) => {
        events.push(event);
        watch.take(event);
      },
      openSocket: (_url, handlers) => {
        sockets.set(agentId, handlers);
        return { send: () => undefined, close: () => undefined };
      },
      now: () => nowMs,
      setTimer: (run, ms) => {
        const timer = { atMs: nowMs + ms, run };
        timers.add(timer);
        return () => timers.delete(timer);
      },
      random: () => 0,
    });
  const links = { liar: link('liar'), honest: link('honest') };
  const list = () =>
    watch.list(
      (['liar', 'honest'] as const).map((agentId) => ({
        agentId,
        name: agentId,
        code: agentId.slice(0, 2),
        connection: links[agentId].state,
      })),
    );
  list();
  const say = (agentId: string, data: unknown): void => sockets.get(agentId)?.onMessage(data);
  const hello = (agentId: string): void => {
    sockets.get(agentId)?.onOpen();
    say(agentId, message({ type: 'hello', protocol: 1, session: 's', seq: 0, now_ms: nowMs, ...AGENT }));
    list();
  };
  return {
    links,
    events,
    say,
    hello,
    watch,
    now: () => nowMs,
    advance: (ms: number) => {
      nowMs += ms;
      for (const timer of timers) {
        if (timer.atMs > nowMs || !timers.delete(timer)) continue;
        timer.run();
      }
    },
  };
}

const AGENT = {
  agent: { agent_id: 'a', name: 'A', code: 'A', version: '0.1.0', started_at_ms: START },
  role: 'viewer',
  scopes: ['read'],
} as const satisfies Partial<AgentMessage & { type: 'hello' }>;

function message(said: AgentMessage): string {
  return JSON.stringify(said);
}

/** Messages of the protocol with lies in them, pieces of such, and noise. */
function lies(count: number): readonly unknown[] {
  const odd = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, -1, 1e308, 8.64e15, START));
  const text = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.constantFrom('__proto__', 'constructor', '\u202e', '<img>', '%'),
  );
  const incident = fc
    .record({ incident_id: text, severity: fc.constantFrom('P1', 'P4', 'P9'), opened_at_ms: odd, title: text })
    .map((change) => ({ ...anIncident(), ...change }));
  const shaped = fc.oneof(
    fc.record({ type: fc.constant('incident'), seq: odd, incident }),
    fc.record({
      type: fc.constant('heartbeat'),
      id: text,
      signal: fc.constantFrom('volume', 'error_rate', 'mood'),
      now_ms: odd,
      beats: fc.array(
        fc.record({
          source_id: text,
          t: odd,
          value: fc.option(odd),
          mean: fc.constant(null),
          lower: fc.constant(null),
          upper: fc.constant(null),
        }),
        { maxLength: 5 },
      ),
    }),
    fc.record({ type: fc.constant('snapshot'), seq: odd, sources: fc.constant([]), anomalies: fc.constant([]) }),
    fc.record({ type: fc.constant('pong'), t: odd, now_ms: odd }),
    fc.record({ type: fc.constant('gap'), topic: text, dropped: odd }),
    fc.record({ type: fc.constant('health'), health: fc.constant({ ...HEALTH, now_ms: -1, rss_bytes: 1e308 }) }),
    fc.record({ type: fc.constant('error'), code: text, detail: text }),
    fc.record({ type: text }),
  );
  const raw = fc.oneof(
    { weight: 8, arbitrary: shaped.map((one) => JSON.stringify(one)) },
    { weight: 1, arbitrary: shaped.map((one) => JSON.stringify(one).slice(0, 20)) },
    { weight: 1, arbitrary: fc.anything() },
  );
  // A thousand different ones, over and over in another order: generating is slower than hearing.
  const pool = fc.sample(raw, { numRuns: 1000, seed: 20260101 });
  return Array.from({ length: count }, (_, i) => pool[(i * 7919) % pool.length]);
}

describe('an agent that lies', () => {
  it(`throws nothing, and touches nothing of another agent, in ${MESSAGES.toLocaleString('en-US')} messages`, () => {
    const { links, events, say, hello, watch, advance, now } = twoAgents();
    links.honest.start();
    hello('honest');
    links.liar.start();
    hello('liar');
    say('honest', message({ type: 'snapshot', seq: 0, sources: [], anomalies: [], incidents: [anIncident()] }));
    let beats = 0;
    for (const [i, lie] of lies(MESSAGES).entries()) {
      say('liar', lie);
      if (links.liar.state.type !== 'open') {
        links.liar.retryNow();
        hello('liar');
      }
      if (i % 100 !== 0) continue;
      advance(1000);
      const t = Math.floor(now() / 1000) - 1;
      const beat = { source_id: 's', t, value: 4, mean: null, lower: null, upper: null };
      say('honest', message({ type: 'heartbeat', id: 'heartbeats-1', signal: 'volume', now_ms: now(), beats: [beat] }));
      beats++;
    }
    const ofHonest = events.filter((event) => 'agentId' in event && event.agentId === 'honest');
    expect(links.honest.state.type).toBe('open');
    expect(ofHonest.filter(({ type }) => type === 'heartbeat')).toHaveLength(beats);
    expect(ofHonest.filter(({ type }) => type === 'gap')).toEqual([]);
    const others = watch.status(now()).worst.filter(({ agentId }) => agentId === 'honest');
    expect(others.map(({ incident }) => incident)).toEqual([anIncident()]);
  }, 60_000);

  it('does not look fresh by beats from the future', () => {
    const { links, say, hello, watch, advance, now } = twoAgents();
    links.liar.start();
    hello('liar');
    say('liar', message({ type: 'snapshot', seq: 0, sources: [], anomalies: [], incidents: [] }));
    const beat = { source_id: 's', t: START / 1000 + 86_400, value: 4, mean: null, lower: null, upper: null };
    say('liar', message({ type: 'heartbeat', id: 'heartbeats-1', signal: 'volume', now_ms: now(), beats: [beat] }));
    advance(20_000);
    expect(watch.status(now()).freshness.type).not.toBe('live');
  });
});
