import { SEVERITIES, type Incident, type Severity } from '@sentinellog/shared';
import type { DesktopSettings, QuietHours } from '../../bridge/desktop.ts';

/** ux §6 goal 20: whatever happens, no more than this many toasts come up in a minute. */
export const MAX_TOASTS_PER_MINUTE = 3;
const MINUTE_MS = 60_000;
/** The last of a minute's toasts is the digest of everything else. */
const SINGLES_PER_MINUTE = MAX_TOASTS_PER_MINUTE - 1;
/** What is not urgent is told together (ux §2.13). */
const DIGEST_EVERY_MS = 5 * MINUTE_MS;
/** An incident that opened longer ago is history that was loaded, not news. */
const NEWS_MS = 10 * MINUTE_MS;
/** More than any desk has at once; the oldest is forgotten, and would be told again if it came back. */
const MAX_REMEMBERED = 20_000;
const MAX_TEXT = 180;

export interface Toast {
  /** The same tag takes the place of what is there under it. */
  readonly tag: string;
  readonly title: string;
  readonly body: string;
  /** Stays until it is dealt with, and makes a sound. */
  readonly alarm: boolean;
  readonly silent: boolean;
  /** null: the list of incidents. */
  readonly incidentId: string | null;
  readonly agentId: string | null;
  /** The incidents that this toast tells of. */
  readonly told: readonly string[];
}

export interface Surroundings {
  readonly nowMs: number;
  readonly settings: DesktopSettings;
  /** Some window of ours has the focus: then the page itself tells. */
  readonly focused: boolean;
  /** Minutes after local midnight. */
  readonly minuteOfDay: number;
}

interface Remembered {
  readonly severity: Severity;
  readonly state: Incident['state'];
  readonly reopened: number;
  readonly firing: boolean;
}

interface Waiting {
  readonly severity: Severity;
  readonly sinceMs: number;
}

const DIGEST = 'digest';

/**
 * What the system is asked to show, and when. Pure: it is told what happened and what time it is, and gives toasts back.
 * Nothing that is to be told is lost: it is in a toast of its own or in the count of a digest.
 */
export class NotificationPlan {
  readonly #known = new Map<string, Remembered>();
  /** Urgent ones that found the minute's budget spent. */
  #storm = new Map<string, Waiting>();
  /** Not urgent by choice. */
  #later = new Map<string, Waiting>();
  #shownAtMs: number[] = [];
  /** Toasts of single incidents that may still be on the screen. */
  readonly #onScreen = new Map<string, { readonly title: string; readonly sinceMs: number }>();

  /** What was there before this console looked: known, not news, unless it has only just opened. */
  takeSnapshot(agentId: string, code: string, incidents: readonly Incident[], around: Surroundings): Toast[] {
    return incidents.flatMap((incident) => this.take(agentId, code, incident, around));
  }

  take(agentId: string, code: string, incident: Incident, around: Surroundings): Toast[] {
    const id = `${agentId}/${incident.incident_id}`;
    const before = this.#known.get(id);
    this.#remember(id, incident);
    if (before !== undefined && !isOver(before) && isOver(incident)) return this.#recovered(id, incident, around);
    if (!isNews(before, incident, around.nowMs) || isOver(incident) || incident.silence_id !== null) return [];
    return this.#tell(id, agentId, code, incident, around);
  }

  /** Once a second: what has waited long enough. */
  tick(around: Surroundings): Toast[] {
    const stormDue = this.#storm.size > 0 && this.#hasRoom(around.nowMs, MAX_TOASTS_PER_MINUTE);
    const oldest = this.#later.values().next();
    const laterDue = !oldest.done && around.nowMs - oldest.value.sinceMs >= DIGEST_EVERY_MS;
    if (!stormDue && !(laterDue && this.#hasRoom(around.nowMs, MAX_TOASTS_PER_MINUTE))) return [];
    return this.#digest(around, laterDue);
  }

  /** A person has pressed or closed it. */
  dismissed(tag: string): void {
    this.#onScreen.delete(tag);
  }

  #tell(id: string, agentId: string, code: string, incident: Incident, around: Surroundings): Toast[] {
    const { nowMs, settings, focused } = around;
    const { severity } = incident;
    const loudness = settings.notify[severity];
    if (loudness === 'off' || isHushed(severity, around)) return [];
    // An alarm is for whoever is not looking at this very moment too; the rest is on the screen in front of them.
    if (focused && loudness !== 'alarm') return [];
    if (loudness === 'digest') {
      this.#later.set(id, { severity, sinceMs: nowMs });
      return [];
    }
    if (this.#storm.size > 0 || !this.#hasRoom(nowMs, SINGLES_PER_MINUTE)) {
      this.#storm.set(id, { severity, sinceMs: nowMs });
      return this.#hasRoom(nowMs, MAX_TOASTS_PER_MINUTE) ? this.#digest(around, false) : [];
    }
    const title = printable(`${severity} ${incident.first_mover.service}@${code}`);
    this.#shownAtMs.push(nowMs);
    this.#onScreen.set(id, { title, sinceMs: incident.started_at_ms });
    return [
      {
        tag: id,
        title,
        body: printable(incident.title),
        alarm: loudness === 'alarm',
        silent: false,
        incidentId: incident.incident_id,
        agentId,
        told: [id],
      },
    ];
  }

  /** What has ended by itself before it was seen is not left standing as an alarm. */
  #recovered(id: string, incident: Incident, { nowMs }: Surroundings): Toast[] {
    this.#storm.delete(id);
    this.#later.delete(id);
    const shown = this.#onScreen.get(id);
    if (shown === undefined) return [];
    this.#onScreen.delete(id);
    const minutes = Math.max(1, Math.round((nowMs - shown.sinceMs) / MINUTE_MS));
    return [
      {
        tag: id,
        title: shown.title,
        body: `recovered after ${minutes} min: ${printable(incident.title)}`.slice(0, MAX_TEXT),
        alarm: false,
        silent: true,
        incidentId: incident.incident_id,
        agentId: null,
        told: [],
      },
    ];
  }

  #digest({ nowMs, settings }: Surroundings, withLater: boolean): Toast[] {
    const waiting = new Map([...this.#storm, ...(withLater ? this.#later : [])]);
    this.#storm = new Map();
    if (withLater) this.#later = new Map();
    if (waiting.size === 0) return [];
    const counts = SEVERITIES.flatMap((severity) => {
      const count = [...waiting.values()].filter((one) => one.severity === severity).length;
      return count === 0 ? [] : [`${count} ${severity}`];
    });
    this.#shownAtMs.push(nowMs);
    return [
      {
        tag: DIGEST,
        title: `${waiting.size} new: ${counts.join(', ')}`,
        body: 'Press to see the incidents, worst first',
        alarm: [...waiting.values()].some(({ severity }) => settings.notify[severity] === 'alarm'),
        silent: false,
        incidentId: null,
        agentId: null,
        told: [...waiting.keys()],
      },
    ];
  }

  #hasRoom(nowMs: number, limit: number): boolean {
    this.#shownAtMs = this.#shownAtMs.filter((atMs) => nowMs - atMs < MINUTE_MS);
    return this.#shownAtMs.length < limit;
  }

  #remember(id: string, { severity, state, reopened, firing }: Incident): void {
    this.#known.delete(id);
    this.#known.set(id, { severity, state, reopened, firing });
    for (const map of [this.#known, this.#onScreen]) {
      const oldest = map.size > MAX_REMEMBERED ? map.keys().next() : null;
      if (oldest !== null && !oldest.done) map.delete(oldest.value);
    }
  }
}

function isOver({ state }: Pick<Incident, 'state'>): boolean {
  return state === 'RESOLVED';
}

/** New, worse than it was, or come back. What a person has acknowledged is theirs and is not told again. */
function isNews(before: Remembered | undefined, incident: Incident, nowMs: number): boolean {
  if (incident.state !== 'OPEN') return false;
  if (before === undefined) return nowMs - incident.opened_at_ms < NEWS_MS;
  if (isOver(before) || incident.reopened > before.reopened) return true;
  return SEVERITIES.indexOf(incident.severity) < SEVERITIES.indexOf(before.severity);
}

function isHushed(severity: Severity, { nowMs, settings, minuteOfDay }: Surroundings): boolean {
  if (settings.pausedUntilMs !== null && nowMs < settings.pausedUntilMs) return true;
  return isQuiet(settings.quietHours, minuteOfDay) && !(severity === 'P1' && settings.quietHours.p1BreaksIn);
}

export function isQuiet({ on, fromMinute, toMinute }: QuietHours, minute: number): boolean {
  if (!on) return false;
  return fromMinute <= toMinute ? minute >= fromMinute && minute < toMinute : minute >= fromMinute || minute < toMinute;
}

/** Names and titles come from logs. */
function printable(text: string): string {
  return text
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
    .slice(0, MAX_TEXT);
}
