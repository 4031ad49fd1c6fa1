import { describe, expect, it } from 'vitest';
import { Console } from '../stores/console.ts';
import { FakeBridge } from '../testing/fake-bridge.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { KEY_PRESETS } from '../stores/preferences.ts';
import { rowKey } from '../stores/inbox-filter.ts';
import { createCommands } from './console-commands.ts';
import { keyConflicts, withKeymap } from './keymap.ts';

async function aConsole() {
  const clock = new FakeClock(1_767_229_200_000);
  const bridge = new FakeBridge({ now: clock.now });
  const shelf = { getItem: () => null, setItem: () => undefined };
  const console = new Console({
    bridge,
    now: clock.now,
    setTimer: clock.setTimer,
    shelf,
    newKey: () => 'key-00000000',
  });
  await console.start();
  bridge.connect();
  clock.advance(300);
  const commands = createCommands(console);
  const run = (id: string) => commands.find((command) => command.id === id)!.run();
  return { console, commands, run, view: () => console.view.getState() };
}

describe('commands', () => {
  it('have ids of their own', async () => {
    const { commands } = await aConsole();
    const ids = commands.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(KEY_PRESETS)('mean one thing in one place, in the preset %s', async (preset) => {
    const { commands } = await aConsole();
    const conflicts = keyConflicts(withKeymap(commands, { preset, remaps: {} }));
    expect(conflicts.map(({ keys, commands: both }) => `${keys}: ${both.map(({ id }) => id).join(' ')}`)).toEqual([]);
  });

  it('tell of a key that was given twice', async () => {
    const { commands } = await aConsole();
    const bound = withKeymap(commands, { preset: 'default', remaps: { 'incident.ack': ['r'] } });
    expect(keyConflicts(bound).map(({ keys }) => keys)).toEqual(['r']);
  });

  it('say why they cannot be done to what is chosen', async () => {
    const { commands, run } = await aConsole();
    const reason = (id: string) => commands.find((command) => command.id === id)?.disabledReason?.();
    expect(reason('incident.ack')).toBe('no incident is chosen');
    run('incident.next');
    expect(reason('incident.ack')).toBeNull();
    expect(reason('incident.reopen')).toBe('it is not resolved');
    expect(reason('incident.merge')).toBe('select two or more (x)');
  });

  it('open the worst un-acknowledged incident from anywhere, and the next after it', async () => {
    const { run, view, console } = await aConsole();
    const shown = () => {
      const { focused } = console.incidents.inbox.state.getState();
      return console.incidents.inbox.rows().find((row) => rowKey(row) === focused)?.incident.severity;
    };
    run('incident.next');
    expect(view().view).toBe('incidents');
    expect(shown()).toBe('P1');
    run('incident.next');
    expect(shown()).toBe('P2');
    run('incident.previous');
    expect(shown()).toBe('P1');
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
