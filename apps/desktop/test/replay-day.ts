/**
 * A day of agents, replayed through everything of the console that has no pixels: the connection, the stores behind the
 * page, and the main process's desk behind tray and badge. Every ten minutes all of it is held against the agents' own
 * truth, and in every second of a fault the freshness that is stated. `replay-day.test.ts` runs two hours.
 *
 * node --expose-gc apps/desktop/test/replay-day.ts [--hours 24] [--agents 1]
 */
import { parseArgs } from 'node:util';
import { SEVERITIES, type Incident } from '@sentinellog/shared';
import { AgentConnection } from '../src/bridge/agent-connection.ts';
import type { Calls, SavedAgent } from '../src/bridge/calls.ts';
import { DEFAULT_DESKTOP_SETTINGS } from '../src/bridge/desktop.ts';
import type { ConnectionState } from '../src/bridge/events.ts';
import { freshnessOf, freshnessOfAll, STALE_AFTER_MS, type Freshness } from '../src/bridge/freshness.ts';
import { alarmWords } from '../src/bridge/open-count.ts';
import { Desk } from '../src/main/desk/desk.ts';
import { Console } from '../src/renderer/stores/console.ts';
import { allRows, openIncidents } from '../src/renderer/stores/inbox-filter.ts';
import { FakeBridge } from '../src/renderer/testing/fake-bridge.ts';
import { FakeClock } from '../src/renderer/testing/fake-clock.ts';
import { FAKE_SERVICES } from '../src/renderer/testing/fake-traffic.ts';
import { summaryRows } from '../src/renderer/views/batcave/summary-grid.ts';
import { DayAgent, type Manner } from './day-agent.ts';

const MORNING_MS = Date.UTC(2026, 0, 5, 8);
const CHECKPOINT_SECONDS = 600;
/** After a fault the console has as long to be whole again: its own back-off between two tries is 30 s at most. */
const HEALING_SECONDS = 90;
const LIVE_WITHIN_MS = 3000;

/** What goes wrong, with the agent it happens to, in seconds of the day; the same again every two hours. */
const FAULTS: readonly { readonly manner: Manner; readonly from: number; readonly to: number }[] = [
  { manner: 'killed', from: 1200, to: 1320 },
  { manner: 'frozen', from: 2400, to: 2460 },
  { manner: 'slow', from: 3600, to: 3700 },
  { manner: 'lying', from: 4800, to: 4850 },
];
const ROUND_SECONDS = 7200;

export interface ReplayReport {
  readonly checkpoints: number;
  /** Seconds in which the stated freshness was looked at. */
  readonly freshnessChecks: number;
  readonly incidents: number;
  readonly faults: number;
  /** What was not as it is, in words; the first hundred. */
  readonly disagreements: readonly string[];
  /** The heap after a collection, once an hour; empty where collections cannot be asked for. */
  readonly heapMb: readonly number[];
}

/** The page's door to the agents, without processes: answers come from the agents' own truth. */
class DayBridge extends FakeBridge {
  readonly #agents: ReadonlyMap<string, DayAgent>;
  readonly connections = new Map<string, ConnectionState>();

  constructor(now: () => number, agents: ReadonlyMap<string, DayAgent>) {
    super({ now, agents: [] });
    this.#agents = agents;
  }

  saved(): readonly SavedAgent[] {
    return [...this.#agents.keys()].map((agentId, i) => {
      const connection = this.connections.get(agentId) ?? { type: 'connecting' };
      return {
        agentId,
        name: agentId,
        code: agentId,
        url: `https://${agentId}.example:8400`,
        colour: i % 6,
        connection,
      };
    });
  }

  override async listAgents(): Promise<readonly SavedAgent[]> {
    return this.saved();
  }

  override async heartbeats(range: Calls['heartbeats'][0]): Promise<Calls['heartbeats'][1]> {
    const agent = this.#agents.get(range.agentId);
    if (agent === undefined || agent.manner === 'killed' || agent.manner === 'frozen' || agent.manner === 'lying')
      return { ok: false, error: { code: 'unreachable', detail: 'the agent does not answer', retryable: true } };
    return { ok: true, value: agent.history(range) };
  }

  override async actOnIncident({ agentId, ...action }: Calls['actOnIncident'][0]): Promise<Calls['actOnIncident'][1]> {
    const agent = this.#agents.get(agentId);
    if (agent === undefined || agent.manner === 'killed')
      return { ok: false, error: { code: 'unreachable', detail: 'the agent does not answer', retryable: true } };
    return agent.desk.act(action);
  }
}

export async function replayDay(hours: number, agentCount = 1): Promise<ReplayReport> {
  const clock = new FakeClock(MORNING_MS);
  const { now, setTimer } = clock;
  const agents = new Map(
    Array.from({ length: agentCount }, (_, i) => {
      const agentId = `A${i + 1}`;
      return [agentId, new DayAgent({ agentId, seed: i + 1, now })] as const;
    }),
  );
  const bridge = new DayBridge(now, agents);
  let keys = 0;
  const kept = new Map<string, string>();
  const shelf = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
  const page = new Console({ bridge, now, setTimer, shelf, newKey: () => `key-${++keys}` });
  const desk = new Desk({
    now,
    setTimer,
    minuteOfDay: () => 720,
    settings: () => DEFAULT_DESKTOP_SETTINGS,
    isFocused: () => false,
    agents: () => bridge.saved(),
    showToast: () => undefined,
    showTray: () => undefined,
  });
  await page.start();
  desk.start();
  bridge.onEvent((event) => desk.take(event));
  const links = [...agents].map(([agentId, agent]) => {
    const link = new AgentConnection({
      url: 'wss://agent',
      now,
      setTimer,
      token: () => 'slt_right',
      random: () => 0.5,
      openSocket: (_url, handlers) => agent.open(handlers),
      onEvent: (event) => {
        if (event.type === 'connection') bridge.connections.set(agentId, event.connection);
        bridge.say({ ...event, agentId });
      },
    });
    link.start();
    return link;
  });

  const disagreements: string[] = [];
  const heapMb: number[] = [];
  let [checkpoints, freshnessChecks, faults, illUntil] = [0, 0, 0, 0];
  const says = (second: number, what: string): void => {
    if (disagreements.length < 100) disagreements.push(`${clockOf(second)}: ${what}`);
  };
  const victim = agents.get('A1')!;
  for (let second = 1; second <= hours * 3600; second++) {
    const fault = FAULTS.find(({ from, to }) => second % ROUND_SECONDS >= from && second % ROUND_SECONDS < to);
    if (victim.manner !== (fault?.manner ?? 'well')) {
      if (fault !== undefined) faults++;
      if (fault?.manner === 'killed') victim.kill();
      else victim.manner = fault?.manner ?? 'well';
    }
    if (fault !== undefined) illUntil = second + HEALING_SECONDS;
    clock.advance(700);
    for (const agent of agents.values()) agent.speak();
    for (const agent of agents.values()) agent.deliver();
    await settled();
    clock.advance(300);
    await settled();
    const isIll = second < illUntil;
    if (second > 10 && (isIll || second % 30 === 0)) {
      freshnessChecks++;
      for (const wrong of freshnessFaults(page, desk, victim, now())) says(second, wrong);
    }
    if (second % CHECKPOINT_SECONDS === 0 && !isIll) {
      checkpoints++;
      for (const wrong of disagreementsOf(page, desk, agents)) says(second, wrong);
    }
    // Somebody works at it, too.
    if (second % 900 === 450 && !isIll) {
      page.incidents.openNext(1);
      page.incidents.act({ action: 'ack' });
    }
    if (second % 3600 === 0 && globalThis.gc !== undefined) {
      globalThis.gc();
      heapMb.push(Math.round(process.memoryUsage().heapUsed / 1e5) / 10);
    }
  }
  for (const link of links) link.stop();
  desk.stop();
  page.stop();
  const incidents = [...agents.values()].reduce((sum, agent) => sum + agent.desk.incidents.size, 0);
  return { checkpoints, freshnessChecks, incidents, faults, disagreements, heapMb };
}

/** Lets answers come back: each is a few promises away. */
async function settled(): Promise<void> {
  for (let i = 0; i < 12; i++) await Promise.resolve();
}

/** Whether chip and tray say, to the second, how old the agent's figures truly are. */
function freshnessFaults(page: Console, desk: Desk, agent: DayAgent, nowMs: number): readonly string[] {
  const view = page.agent(agent.agentId);
  if (view === undefined) return ['the console does not know the agent'];
  const said = freshnessOf(page.pulse(view, nowMs), nowMs);
  const faults: string[] = [];
  const isDown = view.saved.connection.type !== 'open';
  if (agent.manner === 'killed' && !isDown) faults.push('the agent is dead, and the console calls it connected');
  const expected = isDown ? null : trueFreshness(agent, nowMs);
  if (said.type === 'refused') faults.push('an agent that this console may read is called refused');
  if (isDown && (said.type === 'live' || said.type === 'lagging')) faults.push(`down, and called ${said.type}`);
  if (expected !== null && !expected.has(said.type)) {
    faults.push(`truly ${[...expected].join(' or ')} (${agent.manner}), and called ${said.type}`);
  }
  const tray = TRAY_WORDS[freshnessOfAll(pulses(page, nowMs), null, nowMs).type];
  if (tray !== undefined && !desk.words().tooltip.includes(tray)) {
    faults.push(`the page says ${tray}, the tray ${JSON.stringify(desk.words().tooltip)}`);
  }
  return faults;
}

/** By the newest second that the agent has truly told: a second either way is allowed at the edges. */
function trueFreshness(agent: DayAgent, nowMs: number): ReadonlySet<Freshness['type']> {
  const ageMs = nowMs - (agent.toldSecond + 1) * 1000;
  const types = [ageMs - 1000, ageMs].map((age): Freshness['type'] =>
    age < LIVE_WITHIN_MS ? 'live' : age < STALE_AFTER_MS ? 'lagging' : 'stale',
  );
  return new Set(types);
}

function pulses(page: Console, nowMs: number) {
  return [...page.agents.getState().agents.values()].map((agent) => page.pulse(agent, nowMs));
}

const TRAY_WORDS: Readonly<Partial<Record<Freshness['type'], string>>> = {
  live: 'LIVE',
  lagging: 'LAG',
  stale: 'STALE',
  reconnecting: 'RECONNECTING',
  offline: 'OFFLINE',
};

/** Heartbeat, inbox, summary, title and tray against what the agents know. */
function disagreementsOf(page: Console, desk: Desk, agents: ReadonlyMap<string, DayAgent>): readonly string[] {
  const wrong: string[] = [];
  const same = (what: string, shown: unknown, truth: unknown): void => {
    const [a, b] = [JSON.stringify(shown), JSON.stringify(truth)];
    if (a !== b) wrong.push(`${what} shows ${a}, the agents know ${b}`);
  };
  const state = page.incidents.desk.state.getState();
  const truth = [...agents.values()].flatMap(({ desk: { incidents } }) => [...incidents.values()]);
  const heard = truth.filter(({ state: at, silence_id }) => at !== 'RESOLVED' && silence_id === null);
  const count = (severity: Incident['severity']) => heard.filter((one) => one.severity === severity).length;
  const counts = Object.fromEntries(SEVERITIES.map((severity) => [severity, count(severity)]));
  const shown = openIncidents(state, { agentIds: null, services: null });
  same('the top bar', shown, counts);
  const alarm = count('P1') > 0 ? `P1 ${count('P1')}` : count('P2') > 0 ? `P2 ${count('P2')}` : '';
  same('the title', alarmWords(shown), alarm);
  const tray = desk.words();
  same('the badge', tray.badge, count('P1') + count('P2'));
  for (const severity of SEVERITIES) {
    if (count(severity) > 0 && !tray.tooltip.includes(`${count(severity)} ${severity}`))
      wrong.push(`the tray says ${JSON.stringify(tray.tooltip)}, there are ${count(severity)} ${severity}`);
  }
  same('the desk', versions(allRows(state).map(({ incident }) => incident)), versions(truth));
  page.incidents.inbox.settle();
  const listed = page.incidents.inbox.rows().map(({ incident }) => incident.incident_id);
  same(
    'the inbox',
    listed.toSorted(),
    heard
      .filter((one) => one.state === 'OPEN')
      .map((one) => one.incident_id)
      .toSorted(),
  );
  const rows = summaryRows(allRows(state).map(({ incident }) => incident));
  for (const { service, counts: cells } of rows) {
    const own = heard.filter(({ services }) => services.includes(service));
    same(
      `the summary of ${service}`,
      cells,
      Object.fromEntries(SEVERITIES.map((one) => [one, own.filter(({ severity }) => severity === one).length])),
    );
  }
  same('the summary', rows.length, new Set(heard.flatMap(({ services }) => services)).size);
  for (const agent of agents.values()) wrong.push(...heartbeatFaults(page, agent));
  return wrong;
}

function versions(incidents: readonly Incident[]): readonly string[] {
  return incidents.map(({ incident_id, version, state }) => `${incident_id} ${version} ${state}`).toSorted();
}

/** Every second of the range, also those that were missed while the agent was away and came later as history. */
function heartbeatFaults(page: Console, agent: DayAgent): readonly string[] {
  const newest = page.feed.newestSecond(agent.agentId);
  const first = newest - page.feed.shape.rangeSeconds + 60;
  return agent.sources.flatMap(({ source_id, service }, i) => {
    const grid = page.feed.grid({ agentId: agent.agentId, sourceId: source_id });
    if (grid === undefined) return [`no heartbeat of ${service}`];
    for (let second = Math.max(first, MORNING_MS / 1000); second <= newest; second++) {
      const { value } = grid.get(grid.bucketOf(second));
      const truth = agent.valueAt(FAKE_SERVICES[i]!, second);
      if (truth !== (Number.isNaN(value) ? null : value))
        return [`${service} at ${clockOf(second - MORNING_MS / 1000)} is drawn as ${value}, counted was ${truth}`];
    }
    return [];
  });
}

function clockOf(second: number): string {
  return new Date(MORNING_MS + second * 1000).toISOString().slice(11, 19);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { hours: { type: 'string', default: '24' }, agents: { type: 'string', default: '1' } },
  });
  const report = await replayDay(Number(values.hours), Number(values.agents));
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  if (report.disagreements.length > 0) process.exitCode = 1;
}
