import { describe, expect, it } from 'vitest';
import { FakeBridge, type FakeBridgeOptions } from '../testing/fake-bridge.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { Console } from './console.ts';
import { sourcesInScope } from './scope.ts';

const START = 1_767_229_200_000;

async function aConsole(options: Partial<FakeBridgeOptions> = {}) {
  const clock = new FakeClock(START);
  const bridge = new FakeBridge({ now: clock.now, ...options });
  const stored = new Map<string, string>();
  const console = new Console({
    bridge,
    now: clock.now,
    setTimer: clock.setTimer,
    newKey: () => 'key-00000000',
    shelf: { getItem: (key) => stored.get(key) ?? null, setItem: (key, value) => stored.set(key, value) },
  });
  await console.start();
  const settle = async () => {
    clock.advance(300);
    for (let i = 0; i < 10; i++) await Promise.resolve();
  };
  return { console, bridge, clock, stored, settle };
}

async function connected(options: Partial<FakeBridgeOptions> = {}) {
  const fixture = await aConsole(options);
  fixture.bridge.connect();
  await fixture.settle();
  fixture.clock.advance(2000);
  fixture.bridge.tick();
  return fixture;
}

function payment(console: Console) {
  const { agents } = console.agents.getState();
  return sourcesInScope(agents, { agentIds: null, services: ['payment-service'] })[0]!;
}

describe('Console', () => {
  it('knows its agents, their sources and their anomalies', async () => {
    const { console } = await connected();
    const agent = console.agent('agent-eu');
    expect(agent?.saved).toMatchObject({ code: 'EU', connection: { type: 'open' } });
    expect(agent?.sources.size).toBe(8);
    expect(agent?.anomalies.size).toBe(4);
  });

  it('fills the chart with the past as soon as an agent is there, and goes on live', async () => {
    const { console } = await connected();
    const grid = console.feed.grid(payment(console).ref)!;
    const { value } = grid.columns(START / 1000 - 890, START / 1000);
    expect(value.filter((one) => one !== null).length).toBe(891 - 38);
    expect(console.dataAgeMs('agent-eu', console.now())).toBeLessThan(2000);
  });

  it('loads the past again after a break, also when the stream is resumed without a snapshot', async () => {
    const { console, bridge, settle } = await connected();
    const agent = console.agent('agent-eu')!;
    let asked = 0;
    const heartbeats = bridge.heartbeats.bind(bridge);
    bridge.heartbeats = (range) => {
      asked++;
      return heartbeats(range);
    };
    bridge.say({ type: 'hello', agentId: 'agent-eu', agent: agent.info! });
    await settle();
    expect(asked).toBe(1);
  });

  it('loads the past again when a backfill has brought more of it, once for all its sources', async () => {
    const { console, bridge, clock, settle } = await connected();
    const sources = [...console.agent('agent-eu')!.sources.values()];
    let asked = 0;
    const heartbeats = bridge.heartbeats.bind(bridge);
    bridge.heartbeats = (range) => {
      asked++;
      return heartbeats(range);
    };
    for (const source of sources) bridge.say({ type: 'source', agentId: 'agent-eu', source });
    await settle();
    clock.advance(3000);
    await settle();
    expect(asked).toBe(0);
    for (const source of sources) {
      const earlier = { ...source, first_seen_ms: source.first_seen_ms - 86_400_000 };
      bridge.say({ type: 'source', agentId: 'agent-eu', source: earlier });
    }
    await settle();
    clock.advance(3000);
    await settle();
    expect(asked).toBe(1);
    // Beats that a slow way has lost are in the agent's history; lines are not, and come by themselves.
    bridge.say({ type: 'gap', agentId: 'agent-eu', topic: 'lines', dropped: 9 });
    bridge.say({ type: 'gap', agentId: 'agent-eu', topic: 'heartbeats', dropped: 4 });
    bridge.say({ type: 'gap', agentId: 'agent-eu', topic: 'heartbeats', dropped: 4 });
    clock.advance(11_000);
    await settle();
    expect(asked).toBe(2);
  });

  it('draws one cluster with its band and several as a line each', async () => {
    const { console } = await connected({
      agents: [
        { agentId: 'agent-eu', name: 'prod-eu', code: 'EU' },
        { agentId: 'agent-us', name: 'prod-us', code: 'US' },
      ],
    });
    const { agents } = console.agents.getState();
    const both = console.plotSources.of(sourcesInScope(agents, { agentIds: null, services: null }), 'volume', '15m');
    expect(both.lines.map(({ label }) => label)).toEqual(['EU', 'US']);
    expect(both.banded).toBe(false);
    const one = console.plotSources.of(
      sourcesInScope(agents, { agentIds: ['agent-eu'], services: null }),
      'volume',
      '15m',
    );
    const second = START / 1000 - 10;
    const [columns] = one.read(second, second + 1);
    expect(columns?.value[0]).toBeGreaterThan(1000);
    expect(columns!.lower[0]!).toBeLessThan(columns!.mean[0]!);
    expect([one.banded, one.thresholdName, one.learning]).toEqual([true, '3σ', true]);
  });

  it('gives a chart the same source for as long as it would be drawn the same', async () => {
    const { console, bridge, settle } = await connected();
    const source = () => console.plotSources.of([payment(console)], 'volume', '15m');
    const before = source();
    bridge.say({
      type: 'source',
      agentId: 'agent-eu',
      source: { ...payment(console).source, last_seen_ms: START + 5000 },
    });
    await settle();
    expect(source()).toBe(before);
    await console.patchSource(payment(console).ref, { sensitivity: 'high' });
    expect(source()).not.toBe(before);
  });

  it('changes the signal everywhere: the stream, the past and the feed', async () => {
    const { console, bridge, clock, settle } = await connected();
    console.setSignal('error_rate');
    await settle();
    clock.advance(1000);
    bridge.tick();
    const { value } = console.feed.latest(payment(console).ref);
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThanOrEqual(1);
    expect(console.feed.shape.signal).toBe('error_rate');
  });

  it('remembers range and clock for the next start', async () => {
    const { console, stored } = await connected();
    console.setRange('24h');
    console.setPreference({ clock: 'local' });
    expect(JSON.parse([...stored.values()][0]!)).toMatchObject({ rangeId: '24h', clock: 'local' });
  });

  it('asks again for coarse steps that were estimated from live seconds', async () => {
    const { console, bridge, clock, settle } = await connected();
    console.setRange('24h');
    await settle();
    const asked: number[] = [];
    const heartbeats = bridge.heartbeats.bind(bridge);
    bridge.heartbeats = (range) => {
      asked.push((range.toMs - range.fromMs) / 1000);
      return heartbeats(range);
    };
    clock.advance(31_000);
    await settle();
    expect(asked).toEqual([600]);
    expect(console.history.states.getState().get('agent-eu')?.type).toBe('ready');
  });

  it('says what failed and keeps going when the past cannot be had', async () => {
    const { console, bridge, settle, clock } = await aConsole();
    const heartbeats = bridge.heartbeats.bind(bridge);
    bridge.heartbeats = async () => ({
      ok: false,
      error: { code: 'storage_unavailable', detail: 'the database is down', retryable: true },
    });
    bridge.connect();
    await settle();
    expect(console.history.states.getState().get('agent-eu')).toMatchObject({
      type: 'failed',
      detail: 'the database is down',
    });
    clock.advance(2000);
    bridge.tick();
    expect(console.feed.latest(payment(console).ref).value).toBeGreaterThan(0);
    // What may be had later is asked for once more, and then nothing says any longer that it is missing.
    bridge.heartbeats = heartbeats;
    await settle();
    clock.advance(11_000);
    await settle();
    await settle();
    expect(console.history.states.getState().get('agent-eu')?.type).toBe('ready');
  });

  it('holds on a key, stays held under the pointer, and goes back to live', async () => {
    const { console } = await connected();
    console.hold(['agent-eu'], 'key');
    console.resume('hover');
    expect(console.view.getState().window.type).toBe('fixed');
    console.resume('key');
    expect(console.view.getState().window).toEqual({ type: 'live', seconds: 900 });
  });

  it('goes back through the zooms exactly as they were', async () => {
    const { console } = await connected();
    const windows = [console.view.getState().window];
    console.zoomIn(['agent-eu'], null);
    windows.push(console.view.getState().window);
    console.brush.zoomTo({ fromMs: START - 60_000, toMs: START - 20_000 });
    console.zoomBack();
    expect(console.view.getState().window).toEqual(windows[1]);
    console.zoomBack();
    expect(console.view.getState().window).toEqual(windows[0]);
    console.zoomBack();
    expect(console.view.getState().window).toEqual(windows[0]);
  });

  it('forgets an agent that was removed, with everything it sent', async () => {
    const { console } = await connected();
    const { ref } = payment(console);
    await console.removeAgent('agent-eu');
    expect(console.agents.getState().agents.size).toBe(0);
    expect(console.feed.grid(ref)).toBeUndefined();
    expect(console.history.states.getState().size).toBe(0);
  });

  it('takes a wrong token back with words, and a right one into the list', async () => {
    const { console } = await connected();
    const wrong = await console.addAgent({ url: 'https://us.example:8400', token: 'slt_wrong' });
    expect(wrong).toMatchObject({ ok: false, error: { code: 'unauthenticated' } });
    const right = await console.addAgent({ url: 'https://us.example:8400', token: 'slt_right' });
    expect(right.ok).toBe(true);
    expect([...console.agents.getState().agents.keys()]).toEqual(['agent-eu', 'agent-2']);
    expect(console.view.getState().lastAction).toBe('Added us.example');
  });
});
