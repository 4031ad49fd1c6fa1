import type { Incident } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import type { SavedAgent } from '../../bridge/calls.ts';
import { DEFAULT_DESKTOP_SETTINGS } from '../../bridge/desktop.ts';
import type { BridgeEvent, ConnectionState } from '../../bridge/events.ts';
import { anIncident } from '../../bridge/testing/an-incident.ts';
import { Desk } from './desk.ts';
import type { Toast } from './notification-plan.ts';
import type { TrayWords } from './tray-words.ts';

const START = 1_767_229_200_000;
const OPEN: ConnectionState = { type: 'open', sinceMs: START, role: 'admin', scopes: ['read'], skewMs: 0 };

/** A desk on a clock that a test moves, with one agent. */
function aDesk() {
  let nowMs = START;
  let connection: ConnectionState = OPEN;
  let tick: (() => void) | null = null;
  const toasts: Toast[] = [];
  const trays: TrayWords[] = [];
  const desk = new Desk({
    now: () => nowMs,
    minuteOfDay: () => 720,
    setTimer: (run) => {
      tick = run;
      return () => {
        tick = null;
      };
    },
    settings: () => DEFAULT_DESKTOP_SETTINGS,
    isFocused: () => false,
    agents: (): readonly SavedAgent[] => [
      { agentId: 'eu', name: 'prod-eu', code: 'EU', url: 'https://eu.example', colour: 0, connection },
    ],
    showToast: (toast) => toasts.push(toast),
    showTray: (words) => trays.push(words),
  });
  const take = (event: BridgeEvent) => desk.take(event);
  return {
    toasts,
    tray: () => trays.at(-1),
    trays,
    take,
    start: () => desk.start(),
    connect: (to: ConnectionState) => {
      connection = to;
      take({ type: 'connection', agentId: 'eu', connection: to });
    },
    snapshot: (incidents: readonly Incident[]) =>
      take({ type: 'snapshot', agentId: 'eu', sources: [], anomalies: [], incidents }),
    beat: () =>
      take({
        type: 'heartbeat',
        agentId: 'eu',
        signal: 'volume',
        nowMs,
        beats: [{ source_id: 's', t: Math.floor(nowMs / 1000) - 1, value: 4, mean: null, lower: null, upper: null }],
      }),
    seconds: (count: number, each: () => void = () => undefined) => {
      for (let i = 0; i < count; i++) {
        nowMs += 1000;
        each();
        tick?.();
      }
    },
  };
}

describe('the tray', () => {
  it('begins with a "?" and is green only once the agent has spoken and data is fresh', () => {
    const desk = aDesk();
    desk.start();
    expect(desk.tray()).toMatchObject({ face: 'unknown', doubtful: true });
    desk.snapshot([]);
    desk.seconds(1, desk.beat);
    expect(desk.tray()).toMatchObject({ face: 'ok', doubtful: false, badge: 0 });
  });

  it('loses its green within a second of data being 15 s old, without any event', () => {
    const desk = aDesk();
    desk.start();
    desk.snapshot([]);
    desk.seconds(3, desk.beat);
    desk.seconds(14);
    expect(desk.tray()?.face).toBe('ok');
    desk.seconds(2);
    expect(desk.tray()).toMatchObject({ face: 'unknown', doubtful: true });
    expect(desk.tray()?.tooltip).toContain('STALE');
  });

  it('keeps the alarm and adds the doubt when the line is lost', () => {
    const desk = aDesk();
    desk.start();
    desk.snapshot([anIncident({ opened_at_ms: START })]);
    desk.seconds(1, desk.beat);
    expect(desk.tray()).toMatchObject({ face: 'P1', doubtful: false, badge: 1, title: 'P1 1' });
    desk.connect({ type: 'reconnecting', attempt: 1, nextAtMs: START + 9000, downSinceMs: START, reason: 'gone' });
    desk.seconds(1);
    expect(desk.tray()).toMatchObject({ face: 'P1', doubtful: true, badge: 1, title: 'P1 1 ?' });
  });

  it('goes back when the incident ends, and is drawn again only when something has changed', () => {
    const desk = aDesk();
    desk.start();
    desk.snapshot([anIncident({ opened_at_ms: START })]);
    desk.seconds(1, desk.beat);
    const drawn = desk.trays.length;
    desk.seconds(20, desk.beat);
    expect(desk.trays).toHaveLength(drawn);
    desk.take({ type: 'incident', agentId: 'eu', incident: anIncident({ state: 'RESOLVED', version: 2 }) });
    desk.seconds(1, desk.beat);
    expect(desk.tray()).toMatchObject({ face: 'ok', badge: 0, title: '' });
  });

  it('tells a P1 that opens the moment it is heard of', () => {
    const desk = aDesk();
    desk.start();
    desk.snapshot([]);
    desk.take({ type: 'incident', agentId: 'eu', incident: anIncident({ opened_at_ms: START }) });
    expect(desk.toasts).toHaveLength(1);
  });

  it('hears nothing from an agent that is not in the list', () => {
    const desk = aDesk();
    desk.start();
    desk.take({ type: 'incident', agentId: 'stranger', incident: anIncident({ opened_at_ms: START }) });
    desk.seconds(1);
    expect(desk.tray()?.badge).toBe(0);
    expect(desk.toasts).toEqual([]);
  });
});
