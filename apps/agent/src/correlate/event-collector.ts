/** Collects the errors and warnings around an incident from the journal: the story around it (requirement S2-07). */
import { type CorrelatedEvent, MAX_CORRELATED_EVENTS, type SampleLine } from '@sentinellog/shared';
import { WINDOW_MS } from './relation.ts';
import type { TracedLine } from './service-edges.ts';

/** An error or warning of the journal, with whose it is. */
export interface NearbyLine extends SampleLine {
  readonly tenant: string;
  readonly source_id: string;
  readonly service: string;
}

export interface CollectedIncident {
  readonly incidentId: string;
  readonly tenant: string;
  readonly startedAtMs: number;
  readonly services: readonly string[];
  readonly traceIds: readonly string[];
}

export interface CollectorParts {
  readonly now: () => number;
  /** The incident as it is now; null: gone. */
  readonly incident: (incidentId: string) => CollectedIncident | null;
  /**
   * Errors and warnings of a stretch of event time (from ≤ t < to), in the order of arrival, bounded by the reader.
   * @param incidents how many share the look: so many times as much is worth reading
   */
  readonly find: (tenant: string, fromMs: number, toMs: number, incidents: number) => Promise<readonly NearbyLine[]>;
  readonly areNeighbours: (tenant: string, one: string, other: string) => boolean;
  readonly keep: (incidentId: string, events: readonly CorrelatedEvent[]) => Promise<void>;
  readonly learn: (lines: readonly TracedLine[]) => void;
  readonly onCollected: (incidentId: string, events: readonly CorrelatedEvent[]) => void;
}

/** What came before the first mover's window is where the cause may lie; most of the ten minutes goes to what followed. */
const BEFORE_MS = 60_000;
/** After the opening the story is still being written: look again after so long. */
const LOOK_AFTER_MS = [1000, 20_000, 120_000] as const;
/** In a storm one reading of the journal serves as many as this, of one tenant and about one time. */
const MAX_TOGETHER = 20;
/** Incidents that wait for a look; a storm that is larger is told by its anomalies. */
const MAX_WAITING = 500;
const TIMEOUT_MS = 10_000;

export type CollectorLoss = 'busy' | 'timeout' | 'failed';

interface Look {
  readonly incidentId: string;
  readonly dueMs: number;
}

/** Beside the desk, never in its way: one look at a time, bounded, with a timeout; what is lost is counted. */
export class EventCollector {
  readonly lost: Record<CollectorLoss, number> = { busy: 0, timeout: 0, failed: 0 };
  readonly #parts: CollectorParts;
  #looks: Look[] = [];
  #underWay: Promise<void> | undefined;

  constructor(parts: CollectorParts) {
    this.#parts = parts;
  }

  /** The incident is new, or another series has joined it. */
  ask(incidentId: string): void {
    const nowMs = this.#parts.now();
    const others = this.#looks.filter((look) => look.incidentId !== incidentId);
    if (others.length > MAX_WAITING * LOOK_AFTER_MS.length) {
      this.lost.busy++;
      return;
    }
    this.#looks = [...others, ...LOOK_AFTER_MS.map((afterMs) => ({ incidentId, dueMs: nowMs + afterMs }))];
  }

  /** Call it every second; resolves when what was due has been looked at. */
  tick(): Promise<void> {
    this.#underWay ??= this.#lookAtDue().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #lookAtDue(): Promise<void> {
    const nowMs = this.#parts.now();
    const group = this.#takeGroup(nowMs);
    if (group.length === 0) return;
    const fromMs = Math.min(...group.map(({ startedAtMs }) => startedAtMs)) - BEFORE_MS;
    const toMs = Math.max(...group.map(({ startedAtMs }) => Math.min(nowMs, startedAtMs + WINDOW_MS))) + 1;
    const lines = await this.#find(group[0]?.tenant ?? '', fromMs, toMs, group.length);
    if (lines === null) return;
    this.#parts.learn(lines.flatMap(tracedLine));
    for (const incident of group) {
      try {
        const { startedAtMs } = incident;
        const near = lines.filter(
          ({ at_ms }) => at_ms >= startedAtMs - BEFORE_MS && at_ms <= Math.min(nowMs, startedAtMs + WINDOW_MS),
        );
        const events = chosen(near, incident, this.#parts.areNeighbours);
        await this.#parts.keep(incident.incidentId, events);
        this.#parts.onCollected(incident.incidentId, events);
      } catch {
        // The database reports its own damage; the incident stands without its story.
        this.lost.failed++;
      }
    }
  }

  /** The incident that is due first, and those that can be looked at together with it. */
  #takeGroup(nowMs: number): readonly CollectedIncident[] {
    const group: CollectedIncident[] = [];
    this.#looks = this.#looks.filter(({ incidentId, dueMs }) => {
      if (dueMs > nowMs || group.length >= MAX_TOGETHER) return true;
      if (group.some((other) => other.incidentId === incidentId)) return true;
      const incident = this.#parts.incident(incidentId);
      if (incident === null) return false;
      const [first = incident] = group;
      const isNear = Math.abs(incident.startedAtMs - first.startedAtMs) <= WINDOW_MS;
      if (incident.tenant !== first.tenant || !isNear) return true;
      group.push(incident);
      return false;
    });
    return group;
  }

  /** null: it took too long, or failed. */
  async #find(...asked: Parameters<CollectorParts['find']>): Promise<readonly NearbyLine[] | null> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), TIMEOUT_MS);
    });
    try {
      const lines = await Promise.race([this.#parts.find(...asked), limit]);
      if (lines === null) this.lost.timeout++;
      return lines;
    } catch {
      // The journal reports its own damage; the incidents stand without their story.
      this.lost.failed++;
      return null;
    } finally {
      clearTimeout(timer);
    }
  }
}

function tracedLine({ tenant, service, trace_id, at_ms }: NearbyLine): readonly TracedLine[] {
  return trace_id === undefined ? [] : [{ tenant, service, traceId: trace_id, atMs: at_ms }];
}

const IS_ERROR = new Set(['error', 'fatal']);

/** So many of the fifty are kept for services that are not part of the incident: what is only near may be the cause. */
const FOR_NEIGHBOURS = 15;

/**
 * At most 50 of them, in order of time; by turns from every service, so that a loud one does not drown the others; of a
 * service what is tied to the incident before what is only near in time, errors before warnings, earlier before later.
 */
export function chosen(
  lines: readonly NearbyLine[],
  incident: Pick<CollectedIncident, 'tenant' | 'services' | 'traceIds'>,
  areNeighbours: CollectorParts['areNeighbours'],
): CorrelatedEvent[] {
  const traces = new Set(incident.traceIds);
  const reasonOf = ({ service, trace_id }: Pick<NearbyLine, 'service' | 'trace_id'>): CorrelatedEvent['because'] => {
    if (trace_id !== undefined && traces.has(trace_id)) return 'trace';
    const isNext = incident.services.some((one) => one !== service && areNeighbours(incident.tenant, one, service));
    return isNext ? 'dependency' : 'time';
  };
  const events = lines.map((line) => eventOf(line, reasonOf(line)));
  const { ours = [], others = [] } = Object.groupBy(events, ({ service }) =>
    incident.services.includes(service) ? 'ours' : 'others',
  );
  const room = MAX_CORRELATED_EVENTS - Math.min(FOR_NEIGHBOURS, others.length);
  return [...byTurns(ours).slice(0, room), ...byTurns(others)]
    .slice(0, MAX_CORRELATED_EVENTS)
    .toSorted((a, b) => a.at_ms - b.at_ms);
}

function rank({ level, because }: CorrelatedEvent): number {
  return (IS_ERROR.has(level) ? 0 : 2) + (because === 'time' ? 1 : 0);
}

function eventOf(line: NearbyLine, because: CorrelatedEvent['because']): CorrelatedEvent {
  const { at_ms, level, message, trace_id, source_id, service } = line;
  return { at_ms, level, message, source_id, service, because, ...(trace_id !== undefined && { trace_id }) };
}

/** The first of each service, then the second of each, and so on. */
function byTurns(events: readonly CorrelatedEvent[]): CorrelatedEvent[] {
  const queues = [...Map.groupBy(events, ({ service }) => service).values()].map((queue) =>
    queue.toSorted((a, b) => rank(a) - rank(b) || a.at_ms - b.at_ms),
  );
  const longest = Math.max(0, ...queues.map(({ length }) => length));
  return Array.from({ length: longest }, (_, turn) => queues.flatMap((queue) => queue.slice(turn, turn + 1))).flat();
}
