import { drawnSignalOf, type HeartbeatColumns, type IncidentDetail, type DrawnSignal } from '@sentinellog/shared';
import { createStore } from 'zustand/vanilla';
import type { ConsoleBridge } from '../../bridge/calls.ts';
import { refKey, type IncidentRef } from './incident-ref.ts';

/** Details kept for going back and forth; each is a few dozen kilobytes. */
const MAX_KEPT = 20;
/** Calm shown before an incident, and the most of it that is shown at all. */
const CALM_MS = 10 * 60_000;
const MAX_SPAN_MS = 6 * 3_600_000;
const WANTED_POINTS = 300;

export interface Beats {
  readonly columns: HeartbeatColumns;
  readonly stepSeconds: number;
  readonly signal: DrawnSignal;
}

export interface DetailState {
  /** The last one that was had, also while a newer one is being asked for. */
  readonly detail: IncidentDetail | null;
  readonly beats: Beats | null;
  readonly loading: boolean;
  readonly error: string | null;
  readonly atMs: number;
  /** The version of the incident that it was asked for. */
  readonly askedFor: number;
}

/** The agent keeps no heartbeat of that time, or could not say it. */
const NO_BEATS: Beats = { columns: [[], [], [], [], []], stepSeconds: 1, signal: 'volume' };
const NOTHING_YET: DetailState = { detail: null, beats: null, loading: true, error: null, atMs: 0, askedFor: 0 };

/** What stands behind an incident, fetched when somebody looks at it and kept for a while. */
export class IncidentDetails {
  readonly state = createStore<ReadonlyMap<string, DetailState>>(() => new Map());
  readonly #bridge: Pick<ConsoleBridge, 'incident' | 'heartbeats'>;
  readonly #now: () => number;

  constructor(bridge: Pick<ConsoleBridge, 'incident' | 'heartbeats'>, now: () => number) {
    this.#bridge = bridge;
    this.#now = now;
  }

  /**
   * A late answer about an incident that nobody looks at any more only fills the cache.
   *
   * @param version what is on the screen; what is that new, or being asked for, is not asked for again
   */
  async load(ref: IncidentRef, version: number): Promise<void> {
    const key = refKey(ref);
    const before = this.state.getState().get(key) ?? NOTHING_YET;
    if (before.error === null && before.askedFor >= version) return;
    this.#put(key, { ...before, loading: true, askedFor: version });
    const answer = await this.#bridge.incident(ref);
    const latest = this.state.getState().get(key) ?? before;
    if (!answer.ok) {
      this.#put(key, { ...latest, loading: false, error: answer.error.detail, askedFor: 0 });
      return;
    }
    const loaded = { ...latest, detail: answer.value, loading: false, error: null, atMs: this.#now() };
    this.#put(key, loaded);
    const beats = (await this.#beatsOf(ref.agentId, answer.value)) ?? NO_BEATS;
    this.#put(key, { ...(this.state.getState().get(key) ?? loaded), beats });
  }

  /** The heartbeat of the series that went first, around the incident; null when the agent did not say. */
  async #beatsOf(agentId: string, { incident, anomalies }: IncidentDetail): Promise<Beats | null> {
    const { source_id, event_id } = incident.first_mover;
    const signal = drawnSignalOf(anomalies.find((anomaly) => anomaly.event_id === event_id)?.signal ?? 'volume');
    const toMs = incident.resolved_at_ms ?? this.#now();
    const fromMs = Math.max(incident.started_at_ms - CALM_MS, toMs - MAX_SPAN_MS);
    const stepSeconds = Math.max(1, Math.ceil((toMs - fromMs) / 1000 / WANTED_POINTS));
    const aligned = (ms: number) => Math.floor(ms / 1000 / stepSeconds) * stepSeconds * 1000;
    const answer = await this.#bridge.heartbeats({
      agentId,
      sources: [source_id],
      signal,
      fromMs: aligned(fromMs),
      toMs: aligned(toMs),
      stepSeconds,
    });
    if (!answer.ok) return null;
    const source = answer.value.sources.find((one) => one.source_id === source_id);
    return source === undefined ? null : { columns: source.columns, stepSeconds, signal };
  }

  #put(key: string, state: DetailState): void {
    const next = new Map(this.state.getState());
    next.delete(key);
    next.set(key, state);
    if (next.size > MAX_KEPT) next.delete(next.keys().next().value ?? '');
    this.state.setState(next, true);
  }
}
