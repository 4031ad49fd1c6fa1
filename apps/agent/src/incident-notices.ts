import type { Anomaly, IncidentDetail } from '@sentinellog/shared';
import type { Delivery, IncidentNotice } from './pipeline/delivery.ts';

/** How much of the first mover's series is shown before it moved and after. */
const BEFORE_MS = 55 * 60_000;
const AFTER_MS = 5 * 60_000;
const MAX_SAMPLES = 5;
const MAX_CLUSTERS = 5;

export interface IncidentNoticesParts {
  /** null: there is no such incident (any more). Rejects when the store cannot answer: the delivery waits. */
  readonly detailOf: (incidentId: string) => Promise<IncidentDetail | null>;
  /** Minutes of one series; rejects, or null, where there is nothing to show: a message goes out without its chart. */
  readonly chartOf: (anomaly: Anomaly, fromMs: number, toMs: number) => Promise<IncidentNotice['chart']>;
  /** What the lines of the incident are, largest share first. */
  readonly clustersOf: (detail: IncidentDetail) => Promise<IncidentNotice['topClusters']>;
  /** Public address of the console, without a trailing slash; null where none is set. */
  readonly consoleUrl: string | null;
  readonly cluster: string;
  /** An extra that failed; the notice goes without. */
  readonly onMissing: (part: 'chart' | 'clusters', error: unknown) => void;
}

/** From a delivery to everything that a person is told; read anew at each attempt, so that no message is old. */
export class IncidentNotices {
  readonly #parts: IncidentNoticesParts;

  constructor(parts: IncidentNoticesParts) {
    this.#parts = parts;
  }

  async noticeOf({ incidentId, transition, because }: Delivery): Promise<IncidentNotice | null> {
    const { detailOf, clustersOf, consoleUrl, cluster } = this.#parts;
    const detail = await detailOf(incidentId);
    if (detail === null) return null;
    const { incident, anomalies, runbooks, analyses } = detail;
    const [chart, topClusters] = await Promise.all([
      this.#extra('chart', null, () => this.#chart(detail)),
      this.#extra('clusters', [], () => clustersOf(detail)),
    ]);
    return {
      incident,
      transition,
      because,
      headline: incident.title,
      samples: samplesOf(anomalies, incident.first_mover.event_id),
      topClusters: topClusters.slice(0, MAX_CLUSTERS),
      runbook: runbooks[0] === undefined ? null : { id: runbooks[0].runbook_id, title: runbooks[0].title },
      analysis: analyses.findLast(({ by }) => by === 'claude') ?? analyses.at(-1) ?? null,
      chart,
      consoleUrl: consoleUrl === null ? null : `${consoleUrl}/#/incidents/${encodeURIComponent(incidentId)}`,
      cluster,
    };
  }

  #chart({ incident, anomalies }: IncidentDetail): Promise<IncidentNotice['chart']> {
    const first = anomalies.find(({ event_id }) => event_id === incident.first_mover.event_id) ?? anomalies[0];
    if (first === undefined) return Promise.resolve(null);
    return this.#parts.chartOf(first, first.started_at_ms - BEFORE_MS, first.started_at_ms + AFTER_MS);
  }

  async #extra<T>(part: 'chart' | 'clusters', without: T, make: () => Promise<T>): Promise<T> {
    try {
      return await make();
    } catch (error) {
      this.#parts.onMissing(part, error);
      return without;
    }
  }
}

type Column = readonly (number | null)[];

/** A chart of one series; a share is drawn as a percentage, which is how the reason says it. */
export function minutesOf(
  { service, signal }: Pick<Anomaly, 'service' | 'signal'>,
  [t, value, , lower, upper]: readonly [readonly number[], Column, Column, Column, Column],
): NonNullable<IncidentNotice['chart']> {
  if (signal !== 'error_rate') return { t, value, lower, upper, label: `${service} ${signal} a minute` };
  const percent = (column: Column) => column.map((share) => (share === null ? null : share * 100));
  return {
    t,
    value: percent(value),
    lower: percent(lower),
    upper: percent(upper),
    label: `${service} errors, % of its lines`,
  };
}

/** The first mover's lines, then one of each other anomaly in turn: five lines that tell the most, as they came. */
function samplesOf(anomalies: readonly Anomaly[], firstMover: string): IncidentNotice['samples'] {
  const ordered = anomalies.toSorted((a, b) => Number(b.event_id === firstMover) - Number(a.event_id === firstMover));
  const rounds = Math.max(0, ...ordered.map(({ raw_data_sample }) => raw_data_sample.length));
  const samples = Array.from({ length: Math.min(rounds, MAX_SAMPLES) }, (_, round) =>
    ordered.flatMap(({ service, raw_data_sample }) => {
      const line = raw_data_sample[round];
      return line === undefined ? [] : [{ ...line, service }];
    }),
  );
  return samples
    .flat()
    .slice(0, MAX_SAMPLES)
    .toSorted((a, b) => a.at_ms - b.at_ms);
}
