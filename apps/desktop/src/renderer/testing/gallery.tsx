/**
 * The real console on made-up agents, for looking at: `?agents=3`, `?first` (nothing sends yet), `?login` (browser
 * door), `?view=batcave`, `?policies=down|empty` (rules, hooks and the map do not answer, or have nothing), `?viewer` (may
 * only look), `?wallboard`, `?stale`, `?down`, `?incidents=20`, `?away` (came back after an hour). Built for development and tests only.
 */
import { mountConsole } from '../mount-console.tsx';
import { VIEWS } from '../stores/view-store.ts';
import type { FakeAgentSetting } from './fake-agent.ts';
import { FakeBridge, VIEWER_SCOPES } from './fake-bridge.ts';
import { FAKE_SERVICES } from './fake-traffic.ts';

const TICK_MS = 250;
const wanted = new URLSearchParams(location.search);
const now = () => Date.now();

const AGENTS: readonly FakeAgentSetting[] = [
  { agentId: 'agent-eu', name: 'prod-eu', code: 'EU' },
  { agentId: 'agent-us', name: 'prod-us', code: 'US', services: FAKE_SERVICES.slice(0, 6) },
  { agentId: 'agent-ap', name: 'stage-ap', code: 'STG', services: FAKE_SERVICES.slice(2, 5) },
];

const bridge = new FakeBridge({
  now,
  wait: (ms) =>
    new Promise((resolve) => {
      setTimeout(resolve, ms);
    }),
  platform: wanted.has('login') ? 'browser' : 'electron',
  window: wanted.has('wallboard') ? 'wallboard' : 'main',
  agents: wanted.has('login')
    ? []
    : AGENTS.slice(0, Number(wanted.get('agents') ?? 1)).map((agent) =>
        wanted.has('first')
          ? { ...agent, services: [] }
          : { ...agent, incidents: Number(wanted.get('incidents') ?? 7) },
      ),
});

const shown = mountConsole(bridge);
Object.assign(window, { galleryConsole: shown, galleryBridge: bridge });

const mood = wanted.get('policies');
const agentIds = (await bridge.listAgents()).map(({ agentId }) => agentId);
if (mood === 'down' || mood === 'empty') for (const agentId of agentIds) bridge.policies(agentId).mood = mood;
const view = VIEWS.find((name) => name === wanted.get('view'));
if (view !== undefined) shown.patchView({ view });

setTimeout(() => {
  bridge.connect();
  if (wanted.has('viewer')) {
    const connection = { type: 'open', sinceMs: now(), role: 'viewer', scopes: VIEWER_SCOPES, skewMs: 0 } as const;
    for (const agentId of agentIds) bridge.setConnection(agentId, connection);
  }
  bridge.tick();
  setInterval(() => bridge.tick(), TICK_MS);
  if (wanted.has('rejections') || wanted.has('first')) rejectSome();
  if (wanted.has('away')) setTimeout(() => shown.incidents.cameBack(now() - 3_600_000), 1500);
  if (wanted.has('stale')) setTimeout(() => bridge.mute('agent-eu'), 2000);
  if (wanted.has('down')) {
    setTimeout(
      () =>
        bridge.setConnection('agent-eu', {
          type: 'reconnecting',
          attempt: 4,
          nextAtMs: now() + 60_000,
          downSinceMs: now() - 9000,
          reason: 'connect ECONNREFUSED 10.0.0.7:8400',
        }),
      1500,
    );
  }
}, 50);

function rejectSome(): void {
  const common = { protocol: 'http', remote: '10.0.0.4', key_id: '01996f2a-77aa-7000', events: 1, errors: [] };
  bridge.reject({
    ...common,
    at_ms: now() - 64_000,
    code: 'unauthenticated',
    key_id: null,
    detail: 'the ingest key is not known to this agent',
    events: 120,
  });
  bridge.reject({
    ...common,
    at_ms: now() - 9000,
    code: 'invalid_json',
    detail: '2 of 1,000 lines were not accepted; the other 998 are counted',
    events: 2,
    errors: [
      { line: 17, code: 'invalid_json', detail: 'the line ends inside a string (column 212)' },
      { line: 803, code: 'not_an_object', detail: 'an event must be an object, this is a number' },
    ],
  });
}
