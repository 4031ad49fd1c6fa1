import { describe, expect, it } from 'vitest';
import { Console } from '../stores/console.ts';
import { FakeBridge } from '../testing/fake-bridge.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { createCommands } from './console-commands.ts';

async function aConsole() {
  const clock = new FakeClock(1_767_229_200_000);
  const bridge = new FakeBridge({ now: clock.now });
  const shelf = { getItem: () => null, setItem: () => undefined };
  const console = new Console({ bridge, now: clock.now, setTimer: clock.setTimer, shelf });
  await console.start();
  bridge.connect();
  clock.advance(300);
  const commands = createCommands(console);
  const run = (id: string) => commands.find((command) => command.id === id)!.run();
  return { console, commands, run, view: () => console.view.getState() };
}

describe('commands', () => {
  it('have ids and keys that belong to one command each', async () => {
    const { commands } = await aConsole();
    const ids = commands.map(({ id }) => id);
    const keys = commands.flatMap((command) => command.keys);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('never begin a chord with a key that does something by itself', async () => {
    const { commands } = await aConsole();
    const sequences = commands.flatMap((command) => command.keys);
    const prefixes = sequences.filter((keys) => keys.includes(' ')).map((keys) => keys.split(' ')[0]);
    expect(sequences.filter((keys) => prefixes.includes(keys))).toEqual([]);
  });

  it('say of views that are not there yet that they come later', async () => {
    const { commands } = await aConsole();
    expect(commands.find(({ id }) => id === 'go.incidents')?.disabledReason?.()).toBe('comes with a later release');
  });

  it('walk through the anomalies in order and stop at the ends', async () => {
    const { run, view, console } = await aConsole();
    const seen = () => console.agent('agent-eu')?.anomalies.get(view().anomaly?.eventId ?? '')?.service;
    run('anomaly.previous');
    expect(seen()).toBe('api-gateway');
    run('anomaly.previous');
    expect(seen()).toBe('order-service');
    for (let i = 0; i < 9; i++) run('anomaly.previous');
    expect(seen()).toBe('catalog-service');
    run('anomaly.next');
    expect(seen()).toBe('payment-service');
  });

  it('show one service after the other alone, round and round', async () => {
    const { run, view, console } = await aConsole();
    const alone = () => console.agent('agent-eu')?.sources.get(view().isolated?.sourceId ?? '')?.service;
    run('series.next');
    expect(alone()).toBe('api-gateway');
    run('series.previous');
    expect(alone()).toBe('search-service');
  });

  it('step out one level at a time and never lose more', async () => {
    const { run, view } = await aConsole();
    run('series.next');
    run('anomaly.previous');
    run('sheet.toggle');
    run('escape');
    expect(view()).toMatchObject({ sheetOpen: false, anomaly: expect.anything() });
    run('escape');
    expect(view()).toMatchObject({ anomaly: null, isolated: expect.anything() });
    run('escape');
    expect(view()).toMatchObject({ isolated: null, view: 'heartbeat' });
  });

  it('zoom to a selection and back', async () => {
    const { run, view, console, commands } = await aConsole();
    const back = commands.find(({ id }) => id === 'zoom.back')!;
    expect(back.disabledReason?.()).toBe('nothing is zoomed');
    console.patchView({ selection: { fromMs: 1_767_229_000_000, toMs: 1_767_229_100_000 } });
    run('zoom.in');
    expect(view()).toMatchObject({ selection: null, window: { type: 'fixed', fromMs: 1_767_229_000_000 } });
    run('zoom.back');
    expect(view().window).toEqual({ type: 'live', seconds: 900 });
  });

  it('hold and resume by the same key, and take over what the pointer holds', async () => {
    const { run, view, console } = await aConsole();
    console.hold(['agent-eu'], 'hover');
    run('hold.toggle');
    expect(view().window).toMatchObject({ type: 'fixed', by: 'key' });
    run('hold.toggle');
    expect(view().window.type).toBe('live');
  });
});
