import type { MenuItemConstructorOptions } from 'electron';
import type { LinkTarget } from '../../bridge/link-target.ts';
import type { TrayWords } from './tray-words.ts';

export interface TrayActions {
  readonly follow: (target: LinkTarget) => void;
  readonly show: () => void;
  readonly openWallboard: () => void;
  /** null resumes. */
  readonly pauseUntil: (untilMs: number | null) => void;
  readonly quit: () => void;
}

const HALF_HOUR_MS = 30 * 60_000;
const MORNING_HOUR = 9;

/** The whole tray in its menu: on Linux a click on the icon reaches no program reliably. */
export function trayMenu(
  words: TrayWords,
  pausedUntilMs: number | null,
  nowMs: number,
  actions: TrayActions,
): MenuItemConstructorOptions[] {
  const paused = pausedUntilMs !== null && pausedUntilMs > nowMs;
  return [
    ...words.worst.map(
      ({ label, named: { code, incident } }): MenuItemConstructorOptions => ({
        label,
        click: () =>
          actions.follow({ to: 'incident', incidentId: incident.incident_id, cluster: clusterCode(code), tab: null }),
      }),
    ),
    ...(words.worst.length === 0
      ? [{ label: words.doubtful ? 'Incidents unknown' : 'No open incident', enabled: false }]
      : []),
    { type: 'separator' },
    { label: words.clusters, enabled: false },
    { type: 'separator' },
    paused
      ? { label: 'Resume notifications', click: () => actions.pauseUntil(null) }
      : {
          label: 'Pause notifications',
          submenu: [
            { label: 'For 30 minutes', click: () => actions.pauseUntil(nowMs + HALF_HOUR_MS) },
            { label: 'For 1 hour', click: () => actions.pauseUntil(nowMs + 2 * HALF_HOUR_MS) },
            { label: 'Until 09:00', click: () => actions.pauseUntil(nextMorningMs(nowMs)) },
          ],
        },
    { label: 'Open SentinelLog', click: actions.show },
    { label: 'Open wallboard', click: actions.openWallboard },
    { type: 'separator' },
    { label: 'Quit SentinelLog', click: actions.quit },
  ];
}

/** The next 09:00 of this machine's clock. */
export function nextMorningMs(nowMs: number): number {
  const morning = new Date(nowMs);
  morning.setHours(MORNING_HOUR, 0, 0, 0);
  if (morning.getTime() <= nowMs) morning.setDate(morning.getDate() + 1);
  return morning.getTime();
}

/** A link names a cluster only by a code of the link's own grammar. */
function clusterCode(code: string): string | null {
  return /^[\p{L}\p{N}_.-]{1,6}$/u.test(code) ? code : null;
}
