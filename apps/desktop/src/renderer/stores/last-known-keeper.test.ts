import { describe, expect, it } from 'vitest';
import { FakeBridge } from '../testing/fake-bridge.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { Console } from './console.ts';
import { allRows } from './inbox-filter.ts';
import { LastKnownKeeper, type LastKnownShelf } from './last-known-keeper.ts';

const START = 1_767_229_200_000;
const EU = 'agent-eu';

function aShelf() {
  const kept = new Map<string, string>();
  const shelf: LastKnownShelf = {
    readAll: async () => [...kept.values()].map((text): unknown => JSON.parse(text)),
    put: async (agentId, known) => void kept.set(agentId, JSON.stringify(known)),
    remove: async (agentId) => void kept.delete(agentId),
    clear: async () => kept.clear(),
  };
  return { kept, shelf };
}

async function started(atMs: number, lastKnown: LastKnownShelf) {
  const clock = new FakeClock(atMs);
  const bridge = new FakeBridge({ now: clock.now });
  const console = new Console({
    bridge,
    now: clock.now,
    setTimer: clock.setTimer,
    newKey: () => 'key-00000000',
    shelf: { getItem: () => null, setItem: () => undefined },
    lastKnown,
  });
  await console.start();
  const settle = async (ms: number) => {
    clock.advance(ms);
    for (let i = 0; i < 40; i++) await Promise.resolve();
  };
  return { console, bridge, clock, settle };
}

/** A console that has heard its agent for a minute, and what it has kept. */
async function aDayBefore() {
  const { kept, shelf } = aShelf();
  const { console, bridge, settle } = await started(START, shelf);
  bridge.connect();
  await settle(300);
  for (let second = 0; second < 31; second++) {
    await settle(1000);
    bridge.tick();
  }
  await new LastKnownKeeper(console, shelf).save();
  console.stop();
  return { kept, shelf };
}

describe('the last known state', () => {
  it('is shown with its age where nobody answers at the start', async () => {
    const { shelf } = await aDayBefore();
    const { console } = await started(START + 240_000, shelf);
    const agent = console.agent(EU);
    expect(agent).toMatchObject({ asOfMs: START + 31_300, info: { name: 'prod-eu' } });
    expect(agent?.sources.size).toBe(8);
    expect(allRows(console.incidents.desk.state.getState()).length).toBeGreaterThan(0);
    const [sourceId = ''] = agent?.sources.keys() ?? [];
    const { value } = console.feed.grid({ agentId: EU, sourceId })!.columns(START / 1000 - 600, START / 1000);
    expect(value.filter((one) => one !== null).length).toBeGreaterThan(500);
    expect(console.dataAgeMs(EU, START + 240_000)).toBeGreaterThan(200_000);
    console.stop();
  });

  it('gives way to the first word of the agent', async () => {
    const { shelf } = await aDayBefore();
    const { console, bridge, settle } = await started(START + 240_000, shelf);
    bridge.connect();
    await settle(300);
    expect(console.agent(EU)?.asOfMs).toBeNull();
    bridge.tick();
    expect(console.dataAgeMs(EU, console.now())).toBeLessThan(5000);
    console.stop();
  });

  it('does not come over what the agent has said meanwhile', async () => {
    const { shelf } = await aDayBefore();
    const { console, bridge, settle } = await started(START + 240_000, aShelf().shelf);
    bridge.connect();
    await settle(300);
    await new LastKnownKeeper(console, shelf).start();
    expect(console.agent(EU)?.asOfMs).toBeNull();
    console.stop();
  });

  it('holds no log line, and goes with its agent, with a sign-out, or when it cannot be read', async () => {
    const { kept, shelf } = await aDayBefore();
    expect(kept.get(EU)).not.toContain('connection pool exhausted: 50/50');
    kept.set('stranger', JSON.stringify({ ...JSON.parse(kept.get(EU)!), agentId: 'stranger' }));
    kept.set('broken', '{"version":7}');
    const { console } = await started(START + 240_000, shelf);
    expect([...kept.keys()]).toEqual([EU, 'broken']);
    await console.signOut();
    expect(kept.size).toBe(0);
    console.stop();
  });
});
