import type { Incident, MaintenanceWindow, Occurrence } from '@sentinellog/shared';
import { countingAlerts } from './silence-book.ts';
import type { SourceFacts } from './alert-facts.ts';
import { matchesGlob } from '../pipeline/glob.ts';
import { occurrences } from './occurrences.ts';

/** Incidents that one run of a window remembers by name; beyond, only counted. */
const MOST_INCIDENTS = 10_000;
/** A window that is over for good, or for years, is looked at once a day. */
const ASKED_AGAIN_MS = 86_400_000;

/** One time that a window is in effect, and what it has hidden so far. */
export interface WindowRun {
  readonly windowId: string;
  readonly name: string;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly incidentIds: readonly string[];
  readonly notices: number;
  readonly isOver: boolean;
}

/** Which maintenance windows are in effect, and their bills. */
export class WindowWatch {
  readonly #windows: () => readonly MaintenanceWindow[];
  readonly #sources: SourceFacts;
  readonly #runs = new Map<string, WindowRun>();
  /** By document: when it is in effect next, so that the calendar is not asked for every alert. */
  readonly #next = new WeakMap<
    MaintenanceWindow,
    { readonly sinceMs: number; readonly next: Occurrence | undefined }
  >();
  #changed = new Map<string, WindowRun>();

  constructor(windows: () => readonly MaintenanceWindow[], sources: SourceFacts) {
    this.#windows = windows;
    this.#sources = sources;
  }

  restore(runs: readonly WindowRun[]): void {
    for (const run of runs) if (!run.isOver) this.#runs.set(run.windowId, run);
  }

  /** The window that a source of this service stands in now. */
  over(tenant: string, service: string, sourceId: string, nowMs: number): MaintenanceWindow | undefined {
    return this.#windows().find(
      (window) => this.#isAbout(window, tenant, service, sourceId) && this.#occurrenceAt(window, nowMs) !== undefined,
    );
  }

  /** The window that keeps an incident from people: every source that counts must stand in one. */
  covering(incident: Incident, nowMs: number): MaintenanceWindow | undefined {
    const alerts = countingAlerts(incident);
    const places =
      alerts.length > 0
        ? alerts
        : [{ service: incident.first_mover.service, source_id: incident.first_mover.source_id }];
    const windows = places.map(({ service, source_id }) => this.over(incident.tenant, service, source_id, nowMs));
    return windows.every((window) => window !== undefined) ? windows[0] : undefined;
  }

  bill(window: MaintenanceWindow, incidentId: string, notices: number, nowMs: number): void {
    const run = this.#runs.get(window.id) ?? this.#startedRun(window, nowMs);
    if (run === undefined) return;
    this.#put({
      ...run,
      incidentIds: [...new Set([...run.incidentIds, incidentId])].slice(0, MOST_INCIDENTS),
      notices: run.notices + notices,
    });
  }

  /** Notes what has begun, and returns what is over since the last call, each once. */
  settle(nowMs: number): readonly WindowRun[] {
    const windows = this.#windows();
    const over: WindowRun[] = [];
    for (const run of this.#runs.values()) {
      const window = windows.find(({ id }) => id === run.windowId);
      const now = window && this.#occurrenceAt(window, nowMs);
      if (now?.starts_at_ms === run.startsAtMs) continue;
      const ended = { ...run, isOver: true };
      this.#runs.delete(run.windowId);
      this.#changed.set(keyOf(ended), ended);
      over.push(ended);
    }
    for (const window of windows) {
      const run = this.#runs.has(window.id) ? undefined : this.#startedRun(window, nowMs);
      if (run !== undefined) this.#put(run);
    }
    return over;
  }

  takeChanged(): readonly WindowRun[] {
    const changed = [...this.#changed.values()];
    this.#changed = new Map();
    return changed;
  }

  giveBack(runs: readonly WindowRun[]): void {
    this.#changed = new Map([...runs.map((run) => [keyOf(run), run] as const), ...this.#changed]);
  }

  #put(run: WindowRun): void {
    this.#runs.set(run.windowId, run);
    this.#changed.set(keyOf(run), run);
  }

  #startedRun(window: MaintenanceWindow, nowMs: number): WindowRun | undefined {
    const now = this.#occurrenceAt(window, nowMs);
    return (
      now && {
        windowId: window.id,
        name: window.name,
        startsAtMs: now.starts_at_ms,
        endsAtMs: now.ends_at_ms,
        incidentIds: [],
        notices: 0,
        isOver: false,
      }
    );
  }

  /** The time in which it is in effect now, if it is switched on. */
  #occurrenceAt(window: MaintenanceWindow, nowMs: number): Occurrence | undefined {
    if (!window.enabled) return undefined;
    const known = this.#next.get(window);
    const holds =
      known !== undefined &&
      known.sinceMs <= nowMs &&
      nowMs < (known.next?.ends_at_ms ?? known.sinceMs + ASKED_AGAIN_MS);
    const next = holds ? known.next : occurrences(window, nowMs, 1)[0];
    if (!holds) this.#next.set(window, { sinceMs: nowMs, next });
    return next !== undefined && next.starts_at_ms <= nowMs ? next : undefined;
  }

  #isAbout(window: MaintenanceWindow, tenant: string, service: string, sourceId: string): boolean {
    if (window.tenant !== null && window.tenant !== tenant) return false;
    const { services, sources, tags } = window;
    if (services.length + sources.length + tags.length === 0) return true;
    return (
      services.some((glob) => matchesGlob(glob, service)) ||
      sources.includes(sourceId) ||
      (this.#sources.of(sourceId)?.tags ?? []).some((tag) => tags.includes(tag))
    );
  }
}

function keyOf({ windowId, startsAtMs }: WindowRun): string {
  return `${windowId} ${startsAtMs}`;
}
