import type { AgentMessage, Beat, ClientMessage, HeartbeatAnswer, Incident, Source } from '@sentinellog/shared';
import { aSource } from '@sentinellog/shared/testing';
import type { SocketHandlers, SocketLike } from '../src/bridge/agent-connection.ts';
import { fakeIncident } from '../src/renderer/testing/fake-incidents.ts';
import { FakeIncidentServer } from '../src/renderer/testing/fake-incident-server.ts';
import { FAKE_SERVICES, fakeReading, fakeStory, type FakeService } from '../src/renderer/testing/fake-traffic.ts';

/** How an agent, or the way to it, can be. */
export type Manner = 'well' | 'killed' | 'frozen' | 'slow' | 'lying';

/** A slow way delays every message by as much. */
export const SLOW_BY_MS = 8000;
/** What a lying agent claims to have counted already. */
const LIES_AHEAD_SECONDS = 3600;
/** A stateful message is kept so long for a connection that resumes. */
const REPLAYED = 500;

interface Line {
  readonly handlers: SocketHandlers;
  /** In the order in which it was said; a later word does not overtake a slow one. */
  waiting: { readonly atMs: number; readonly message: AgentMessage; readonly second: number }[];
}

/**
 * An agent's day on a clock of the test, told over the real protocol: eight services second by second, incidents that
 * open, get worse, are taken by somebody, recover and are silenced. It is the truth that the console is held against.
 */
export class DayAgent {
  readonly agentId: string;
  readonly sources: readonly Source[];
  readonly desk: FakeIncidentServer;
  manner: Manner = 'well';
  /** The newest second that it has truly told somebody, -1 before the first. */
  toldSecond = -1;
  readonly #now: () => number;
  readonly #seed: number;
  readonly #story;
  readonly #lines = new Set<Line>();
  #session = 1;
  #seq = 0;
  #stateful: { readonly seq: number; readonly message: AgentMessage }[] = [];
  #incidents = 0;

  constructor({ agentId, seed, now }: { readonly agentId: string; readonly seed: number; readonly now: () => number }) {
    this.agentId = agentId;
    this.#seed = seed;
    this.#now = now;
    this.#story = fakeStory(Math.floor(now() / 1000));
    this.sources = FAKE_SERVICES.map(({ service }, i) =>
      aSource({ source_id: `01996f00-${String(seed).padStart(4, '0')}-7000-8000-00000000000${i}`, service }),
    );
    this.desk = new FakeIncidentServer(now);
    this.desk.onChange = (incident) => this.#tell(incident);
  }

  /** What a console's socket to this agent is. */
  open(handlers: SocketHandlers): SocketLike {
    const line: Line = { handlers, waiting: [] };
    if (this.manner === 'killed') {
      queueMicrotask(() => handlers.onClose(1006, 'connect ECONNREFUSED'));
      return { send: () => undefined, close: () => undefined };
    }
    this.#lines.add(line);
    queueMicrotask(() => handlers.onOpen());
    return {
      send: (text) => this.#hear(line, JSON.parse(text) as ClientMessage),
      close: () => void this.#lines.delete(line),
    };
  }

  /** Ends like a process does; the next start is another session. */
  kill(): void {
    this.manner = 'killed';
    const lines = [...this.#lines];
    this.#lines.clear();
    this.#session++;
    this.#stateful = [];
    for (const { handlers } of lines) handlers.onClose(1006, 'connection reset');
  }

  /** The second that has just closed, and whatever happens in it; once a second. */
  speak(): void {
    const second = Math.floor(this.#now() / 1000) - 1;
    this.#happen(second);
    this.desk.relay();
    if (this.manner === 'killed' || this.#lines.size === 0) return;
    const ahead = this.manner === 'lying' ? LIES_AHEAD_SECONDS : 0;
    const beats = this.#beats(second).map((beat) => ({ ...beat, t: beat.t + ahead }));
    for (const line of this.#lines) {
      const told = this.manner === 'lying' ? -1 : second;
      this.#say(
        line,
        { type: 'heartbeat', id: 'heartbeats-1', signal: 'volume', now_ms: this.#now() + ahead * 1000, beats },
        told,
      );
      this.#say(line, { type: 'health', health: this.#health() });
    }
  }

  /** Hands over what a slow way has held back until now. */
  deliver(): void {
    for (const line of this.#lines) {
      for (let next = line.waiting[0]; next !== undefined && next.atMs <= this.#now(); next = line.waiting[0]) {
        line.waiting.shift();
        this.toldSecond = Math.max(this.toldSecond, next.second);
        line.handlers.onMessage(JSON.stringify(next.message));
      }
    }
  }

  /** What it has counted in a second; null while it was blind. */
  valueAt(service: FakeService, second: number): number | null {
    return fakeReading(this.#story, service, second, this.#seed)?.events ?? null;
  }

  history({
    fromMs,
    toMs,
    stepSeconds,
  }: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly stepSeconds: number;
  }): HeartbeatAnswer {
    const first = Math.ceil(fromMs / 1000 / stepSeconds) * stepSeconds;
    const last = Math.min(Math.floor(toMs / 1000), Math.floor(this.#now() / 1000) - 1);
    return {
      signal: 'volume',
      step_seconds: stepSeconds,
      from_ms: fromMs,
      to_ms: Math.min(toMs, this.#now()),
      columns: [[], [], [], [], []],
      total_events: 0,
      sources: this.sources.map(({ source_id, service }, i) => {
        const columns: HeartbeatAnswer['columns'] = [[], [], [], [], []];
        for (let second = first; second <= last; second += stepSeconds) {
          columns[0].push(second);
          columns[1].push(this.valueAt(FAKE_SERVICES[i]!, second));
          for (const k of [2, 3, 4] as const) columns[k].push(null);
        }
        return { source_id, service, columns };
      }),
    };
  }

  #beats(second: number): readonly Beat[] {
    return this.sources.map(({ source_id }, i) => {
      const value = this.valueAt(FAKE_SERVICES[i]!, second);
      return { source_id, t: second, value, mean: null, lower: null, upper: null };
    });
  }

  /** Every seven minutes something breaks; what becomes of it depends on its number. */
  #happen(second: number): void {
    const minute = second / 60;
    if (!Number.isInteger(minute)) return;
    const known = [...this.desk.incidents.values()];
    if (minute % 7 === 0) {
      const number = ++this.#incidents;
      const service = FAKE_SERVICES[number % FAKE_SERVICES.length]!.service;
      const z = [14.2, 4.1, 2.7, 2.2, 6.3][number % 5]!;
      const made = { services: [service], z, agoSeconds: 3, what: 'error lines' };
      const incident = fakeIncident(made, this.#seed * 100_000 + number, this.#now(), () => undefined);
      this.desk.put(incident);
      this.#tell(incident);
    }
    const number = this.#incidents;
    const last = known.at(-1);
    if (last === undefined) return;
    const id = last.incident_id;
    if (minute % 7 === 2 && number % 3 === 0) this.desk.actAs('lena', id, { action: 'ack' });
    if (minute % 7 === 3 && number % 4 === 0) this.desk.change(id, { severity: 'P1', peak_score: 9.4 });
    if (minute % 7 === 4 && number % 5 === 0)
      this.desk.actAs('lena', id, {
        action: 'silence',
        scope: 'incident',
        reason: 'planned',
        untilMs: this.#now() + 3_600_000,
      });
    if (minute % 7 === 5 && number % 2 === 0) {
      this.desk.change(id, { firing: false, quiet_since_ms: this.#now() });
      this.desk.actAs('lena', id, { action: 'resolve', resolution: 'fixed' });
    }
  }

  #tell(incident: Incident): void {
    const message: AgentMessage = { type: 'incident', seq: ++this.#seq, incident };
    this.#stateful.push({ seq: this.#seq, message });
    if (this.#stateful.length > REPLAYED) this.#stateful.shift();
    if (this.manner === 'killed') return;
    for (const line of this.#lines) this.#say(line, message);
  }

  #hear(line: Line, message: ClientMessage): void {
    if (message.type === 'ping') this.#say(line, { type: 'pong', t: message.t, now_ms: this.#now() });
    if (message.type !== 'hello') return;
    const session = `session-${this.#session}`;
    this.#say(line, {
      type: 'hello',
      protocol: 1,
      session,
      seq: this.#seq,
      now_ms: this.#now(),
      agent: { agent_id: this.agentId, name: this.agentId, code: 'EU', version: '0.1.0', started_at_ms: 0 },
      role: 'admin',
      scopes: ['read', 'alert.read', 'alert.write'],
    });
    const { resume } = message;
    const oldest = this.#stateful[0]?.seq ?? this.#seq + 1;
    if (resume?.session === session && resume.seq >= oldest - 1) {
      for (const { seq, message: missed } of this.#stateful) if (seq > resume.seq) this.#say(line, missed);
      return;
    }
    const incidents = [...this.desk.incidents.values()];
    this.#say(line, { type: 'snapshot', seq: this.#seq, sources: [...this.sources], anomalies: [], incidents });
  }

  #say(line: Line, message: AgentMessage, second = -1): void {
    if (this.manner === 'frozen') return;
    line.waiting.push({ atMs: this.#now() + (this.manner === 'slow' ? SLOW_BY_MS : 0), message, second });
  }

  #health(): (AgentMessage & { type: 'health' })['health'] {
    return {
      now_ms: this.#now(),
      state: 'ready',
      degraded: [],
      accepted_per_second: 1800,
      rejected_per_second: 0,
      accepted_total: 0,
      rejected_total: 0,
      late_total: 0,
      clamped_total: 0,
      duplicate_batches_total: 0,
      sources: this.sources.length,
      replay_pending_bytes: 0,
      journal_bytes: 0,
      checkpoint_age_seconds: 1,
      event_loop_lag_ms: 1,
      rss_bytes: 100_000_000,
    };
  }
}
