import { describe, expect, it } from 'vitest';
import { deskStatus } from '../../bridge/desk-status.ts';
import type { LinkTarget } from '../../bridge/link-target.ts';
import { anIncident } from '../../bridge/testing/an-incident.ts';
import { nextMorningMs, trayMenu } from './tray-menu.ts';
import { trayWords } from './tray-words.ts';

const NOW = 1_767_229_200_000;
const ID = '01996f2a-77aa-7000-8000-1234567890ab';

function aMenu(pausedUntilMs: number | null = null) {
  const followed: LinkTarget[] = [];
  const pauses: (number | null)[] = [];
  const status = deskStatus(
    [
      {
        agentId: 'eu',
        code: 'EU',
        pulse: {
          name: 'prod-eu',
          connection: { type: 'open', sinceMs: NOW, role: 'admin', scopes: [], skewMs: 0 },
          dataAgeMs: 0,
          degraded: [],
        },
        incidents: [anIncident({ incident_id: ID, title: 'R&D spoke\nof 4,212 lines' })],
      },
    ],
    NOW,
  );
  const items = trayMenu(trayWords(status), pausedUntilMs, NOW, {
    follow: (target) => followed.push(target),
    show: () => undefined,
    openWallboard: () => undefined,
    pauseUntil: (untilMs) => pauses.push(untilMs),
    quit: () => undefined,
  });
  const press = (label: string | RegExp, list = items): void => {
    for (const item of list) {
      if (item.label?.match(label)) item.click?.call(item, {} as never, undefined, {} as never);
      if (Array.isArray(item.submenu)) press(label, item.submenu);
    }
  };
  return { items, press, followed, pauses };
}

describe('the menu of the tray', () => {
  it('names the worst incident as text on one line and leads there', () => {
    const { items, press, followed } = aMenu();
    expect(items[0]?.label).toBe('P1 payment-service@EU: R&&D spoke of 4,212 lines');
    press(/^P1/);
    expect(followed).toEqual([{ to: 'incident', incidentId: ID, cluster: 'EU', tab: null }]);
  });

  it('pauses notifications and resumes them', () => {
    const { press, pauses } = aMenu();
    press('For 30 minutes');
    expect(pauses).toEqual([NOW + 30 * 60_000]);
    const paused = aMenu(NOW + 1000);
    paused.press('Resume notifications');
    expect(paused.pauses).toEqual([null]);
  });

  it('is complete: on Linux a click on the icon may reach nobody', () => {
    const labels = aMenu().items.map(({ label }) => label);
    expect(labels).toEqual(
      expect.arrayContaining(['Clusters connected: 1 of 1', 'Open SentinelLog', 'Quit SentinelLog']),
    );
  });

  it('means the next 09:00 by this clock', () => {
    const before = new Date(2026, 0, 5, 8, 30).getTime();
    expect(new Date(nextMorningMs(before))).toEqual(new Date(2026, 0, 5, 9));
    const after = new Date(2026, 0, 5, 9, 0).getTime();
    expect(new Date(nextMorningMs(after))).toEqual(new Date(2026, 0, 6, 9));
  });
});
