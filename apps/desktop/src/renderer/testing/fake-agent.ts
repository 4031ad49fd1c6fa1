import {
  type AgentHealth,
  type Anomaly,
  type Beat,
  type ExplainRequest,
  type HeartbeatAnswer,
  SENSITIVITY_SIGMA,
  type DrawnSignal,
  type Source,
  type Template,
  type TimelineEntry,
} from '@sentinellog/shared';
import { aSource } from '@sentinellog/shared/testing';
import type { HeartbeatRange, LineWish, SavedAgent } from '../../bridge/calls.ts';
import type { BridgeEvent } from '../../bridge/events.ts';
import { fakeAnomalies } from './fake-anomalies.ts';
import { FakeIncidentServer } from './fake-incident-server.ts';
import { fakeIncidents, fakeTimeline } from './fake-incidents.ts';
import { FAKE_PATTERNS, fakeExplanation, fakeLine, fakeTemplate } from './fake-patterns.ts';
import { FakePolicies } from './fake-policies.ts';
import { FAKE_SERVICES, fakeReading, type FakeReading, type FakeService, type FakeStory } from './fake-traffic.ts';

export interface FakeAgentSetting {
  readonly agentId: string;
  readonly name: string;
  readonly code: string;
  readonly services?: readonly FakeService[];
  /** How many incidents it starts with; 7 when absent. */
  readonly incidents?: number;
}

export interface FakeWorld {
  readonly now: () => number;
  readonly story: FakeStory;
  readonly say: (event: BridgeEvent) => void;
}

/** One agent of the made-up world: its services and their traffic, its incidents, its rules. */
export class FakeAgent {
  readonly setting: FakeAgentSetting;
  saved: SavedAgent;
  readonly sources: Map<string, { readonly service: FakeService; source: Source }>;
  readonly desk: FakeIncidentServer;
  readonly policies: FakePolicies;
  readonly templates = new Map<string, Template>();
  /** It stays connected but counts nothing more. */
  silent = false;
  readonly #world: FakeWorld;
  readonly #seed: number;
  #nextSecond: number;
  #lines: LineWish | null = null;
  #linesUntilMs: number;
  #lineNumber = 0;

  /** @param number which of the agents it is, from 0: its traffic and ids follow from it */
  constructor(setting: FakeAgentSetting, number: number, world: FakeWorld) {
    const nowMs = world.now();
    this.setting = setting;
    this.#world = world;
    this.#seed = number + 1;
    this.#nextSecond = Math.floor(nowMs / 1000) - 1;
    this.#linesUntilMs = nowMs;
    this.sources = new Map(
      (setting.services ?? FAKE_SERVICES).map((service, i) => {
        const source = aSource({
          source_id: `01996f00-000${number}-7000-8000-00000000000${i}`,
          service: service.service,
          first_seen_ms: nowMs - service.learntHours * 3_600_000,
          last_seen_ms: nowMs,
          learning: service.learntHours < 24 ? 'learning' : 'ready',
          learnt_hours: service.learntHours,
        });
        return [source.source_id, { service, source }] as const;
      }),
    );
    this.saved = {
      agentId: setting.agentId,
      name: setting.name,
      code: setting.code,
      url: `https://${setting.name}.example:8400`,
      colour: number % 6,
      connection: { type: 'connecting' },
    };
    this.desk = new FakeIncidentServer(world.now);
    this.desk.put(
      ...fakeIncidents(this.sources.size === 0 ? 0 : (setting.incidents ?? 7), nowMs, (name) => this.#idOf(name)),
    );
    this.desk.onChange = (incident) => world.say({ type: 'incident', agentId: setting.agentId, incident });
    this.policies = new FakePolicies({
      now: world.now,
      code: setting.code,
      incidents: () => [...this.desk.incidents.values()],
      services: () => [...this.sources].map(([sourceId, { service }]) => ({ sourceId, service })),
      say: (run) => world.say({ type: 'hookRun', agentId: setting.agentId, run }),
    });
    for (const pattern of this.#patterns([...this.sources.values()].map(({ service }) => service))) {
      this.templates.set(pattern.id, fakeTemplate(pattern, this.#idOf(pattern.service) ?? '', nowMs));
    }
  }

  /** What it says to whoever connects. */
  greet(): void {
    const { agentId, name, code } = this.setting;
    const agent = {
      agent_id: agentId,
      name,
      code,
      version: '0.1.0',
      started_at_ms: this.#world.now() - 7_200_000,
    };
    this.#world.say({ type: 'hello', agentId, agent });
    this.#world.say({
      type: 'snapshot',
      agentId,
      sources: [...this.sources.values()].map(({ source }) => source),
      anomalies: this.anomalies(),
      incidents: [...this.desk.incidents.values()],
    });
  }

  /** What it says of the seconds that have passed since it last did. */
  tick(signal: DrawnSignal, linesPerSecond: number, rejections: number): void {
    if (this.saved.connection.type !== 'open' || this.silent) return;
    const nowMs = this.#world.now();
    const { agentId } = this.setting;
    const lastClosed = Math.floor(nowMs / 1000) - 1;
    const beats: Beat[] = [];
    for (; this.#nextSecond <= lastClosed; this.#nextSecond++) beats.push(...this.#beats(this.#nextSecond, signal));
    if (beats.length > 0) this.#world.say({ type: 'heartbeat', agentId, signal, nowMs, beats });
    this.#sayLines(nowMs, linesPerSecond);
    this.desk.relay();
    this.#world.say({ type: 'health', agentId, health: this.#health(nowMs, rejections) });
  }

  anomalies(): readonly Anomaly[] {
    const { story } = this.#world;
    return fakeAnomalies(story, this.setting.code, (name) => this.#entryOf(name)?.source);
  }

  timeline(): readonly TimelineEntry[] {
    return [...fakeTimeline([...this.desk.incidents.values()]), ...this.desk.timeline];
  }

  heartbeats(range: HeartbeatRange): HeartbeatAnswer {
    return {
      signal: range.signal,
      step_seconds: range.stepSeconds,
      from_ms: range.fromMs,
      to_ms: range.toMs,
      columns: [[], [], [], [], []],
      total_events: 0,
      sources: [...this.sources.values()].map(({ source, service }) => ({
        source_id: source.source_id,
        service: source.service,
        columns: this.#columns(service, source, range),
      })),
    };
  }

  /** What an explanation of this range says, message by message. */
  explanation(request: ExplainRequest): ReturnType<typeof fakeExplanation> {
    const fromMs = Number(request.from);
    const toMs = Number(request.to);
    const services = [...this.sources.values()]
      .filter(({ source }) => request.sources === undefined || request.sources.includes(source.source_id))
      .map(({ service }) => service);
    let total = 0;
    let expected = 0;
    for (const service of services) {
      for (let second = fromMs / 1000; second < toMs / 1000; second++) {
        const made = this.#reading(service, second);
        total += made?.events ?? 0;
        expected += made?.mean ?? 0;
      }
    }
    const { spike } = this.#world.story;
    const overlapMs = Math.min(toMs, (spike.from + spike.seconds) * 1000) - Math.max(fromMs, spike.from * 1000);
    const spikeShare = Math.max(0, overlapMs) / Math.max(1000, toMs - fromMs);
    const range = { fromMs, toMs, total, expected: Math.round(expected), spikeShare };
    return fakeExplanation(this.#patterns(services), range, request);
  }

  watchLines(wish: LineWish | null): void {
    this.#lines = wish;
    this.#linesUntilMs = this.#world.now();
  }

  #sayLines(nowMs: number, perSecond: number): void {
    if (this.#lines === null) return;
    const { filter, rate } = this.#lines;
    const elapsedMs = nowMs - this.#linesUntilMs;
    this.#linesUntilMs = nowMs;
    const came = Math.round((perSecond * elapsedMs) / 1000);
    const shown = Math.min(came, Math.ceil((rate * elapsedMs) / 1000));
    const lines = Array.from({ length: shown }, () => {
      const number = this.#lineNumber++;
      const pattern = FAKE_PATTERNS[(number * 7 + (number % 5)) % FAKE_PATTERNS.length]!;
      const sourceId = this.#idOf(pattern.service);
      return sourceId === undefined ? [] : [fakeLine(pattern, sourceId, nowMs - (number % 200), number)];
    })
      .flat()
      .filter(
        (line) =>
          (filter.levels?.includes(line.level) ?? true) &&
          (filter.templates?.includes(line.template_id ?? '') ?? true) &&
          (filter.sources?.includes(line.source_id) ?? true) &&
          line.message.toLowerCase().includes((filter.text ?? '').toLowerCase()),
      );
    if (lines.length === 0) return;
    const sampled = Math.max(1, came / Math.max(1, shown));
    const matched = Math.round(lines.length * sampled);
    this.#world.say({ type: 'lines', agentId: this.setting.agentId, lines, matched, sampled });
  }

  #entryOf(name: string) {
    return [...this.sources.values()].find(({ service }) => service.service === name);
  }

  #idOf(name: string): string | undefined {
    return this.#entryOf(name)?.source.source_id;
  }

  #patterns(services: readonly FakeService[]) {
    const names = new Set(services.map(({ service }) => service));
    return FAKE_PATTERNS.filter(({ service }) => names.has(service));
  }

  #reading(service: FakeService, second: number): FakeReading | null {
    return fakeReading(this.#world.story, service, second, this.#seed);
  }

  #beats(second: number, signal: DrawnSignal): Beat[] {
    return [...this.sources.values()].map(({ service, source }) => ({
      source_id: source.source_id,
      t: second,
      ...this.#row(service, source, second, signal),
    }));
  }

  #row(service: FakeService, source: Source, second: number, signal: DrawnSignal) {
    const made = this.#reading(service, second);
    if (made === null) return { value: null, mean: null, lower: null, upper: null };
    const sigma = SENSITIVITY_SIGMA[source.sensitivity];
    const { value, mean, stddev } = inSignal(made, service, signal);
    return { value, mean, lower: Math.max(0, mean - sigma * stddev), upper: mean + sigma * stddev };
  }

  #columns(service: FakeService, source: Source, { fromMs, toMs, stepSeconds, signal }: HeartbeatRange) {
    const columns: HeartbeatAnswer['columns'] = [[], [], [], [], []];
    const scale = signal === 'volume' ? stepSeconds : 1;
    for (let second = fromMs / 1000; second < toMs / 1000; second += stepSeconds) {
      const row = this.#row(service, source, second, signal);
      columns[0].push(second);
      columns[1].push(row.value === null ? null : row.value * scale);
      columns[2].push(row.mean === null ? null : row.mean * scale);
      columns[3].push(row.lower === null ? null : row.lower * scale);
      columns[4].push(row.upper === null ? null : row.upper * scale);
    }
    return columns;
  }

  #health(nowMs: number, rejections: number): AgentHealth {
    return {
      now_ms: nowMs,
      state: 'ready',
      degraded: [],
      accepted_per_second: [...this.sources.values()].reduce((sum, { service }) => sum + service.rate, 0),
      rejected_per_second: rejections > 0 ? 3 : 0,
      accepted_total: 8_421_993,
      rejected_total: rejections,
      late_total: 12,
      clamped_total: 0,
      duplicate_batches_total: 1,
      sources: this.sources.size,
      replay_pending_bytes: 0,
      journal_bytes: 812_000_000,
      checkpoint_age_seconds: 2,
      event_loop_lag_ms: 3,
      rss_bytes: 182_000_000,
    };
  }
}

function inSignal(made: FakeReading, service: FakeService, signal: DrawnSignal) {
  if (signal === 'volume') return { value: made.events, mean: made.mean, stddev: made.stddev };
  if (signal === 'latency_p99') return { value: 180 + 2 * made.errors, mean: 180, stddev: 20 };
  const stddev = Math.sqrt((service.errorShare * (1 - service.errorShare)) / Math.max(1, made.events)) * 1.2;
  return { value: made.events === 0 ? 0 : made.errors / made.events, mean: service.errorShare, stddev };
}
