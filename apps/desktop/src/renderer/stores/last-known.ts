import {
  AgentInfoSchema,
  AnomalySchema,
  HeartbeatAnswerSchema,
  IncidentSchema,
  SourceSchema,
  type HeartbeatAnswer,
  type Incident,
} from '@sentinellog/shared';
import { z } from 'zod';
import type { AgentView } from './agents-state.ts';
import type { HeartbeatFeed } from './heartbeat-feed.ts';

/** A picture to start with, not an archive: the chart's services, and what is open before what is over. */
const MAX_SOURCES = 500;
const MAX_SERIES = 40;
const MAX_ANOMALIES = 100;
const MAX_INCIDENTS = 200;
const DIGITS = 4;

export const LastKnownSchema = z.object({
  /** Another version is another console's: it is not read. */
  version: z.literal(1),
  agentId: z.string().max(64),
  /** When it was written, by this computer's clock. */
  atMs: z.number(),
  info: AgentInfoSchema,
  sources: z.array(SourceSchema).max(MAX_SOURCES),
  anomalies: z.array(AnomalySchema).max(MAX_ANOMALIES),
  incidents: z.array(IncidentSchema).max(MAX_INCIDENTS),
  heartbeat: HeartbeatAnswerSchema.nullable(),
});
/** What one agent had said when it was last heard: shown, with its age, when it cannot be reached at the start. */
export type LastKnown = z.infer<typeof LastKnownSchema>;

/** What is worth keeping of an agent; null while it has not said enough itself. Log lines are not kept. */
export function lastKnownOf(
  { saved, info, sources, anomalies, asOfMs }: AgentView,
  incidents: readonly Incident[],
  feed: HeartbeatFeed,
  nowMs: number,
): LastKnown | null {
  if (info === null || asOfMs !== null || saved.connection.type !== 'open') return null;
  const kept = [...sources.values()].slice(0, MAX_SOURCES);
  return {
    version: 1,
    agentId: saved.agentId,
    atMs: nowMs,
    info,
    sources: kept,
    anomalies: [...anomalies.values()].slice(-MAX_ANOMALIES).map((anomaly) => ({ ...anomaly, raw_data_sample: [] })),
    incidents: incidents
      .toSorted(
        (a, b) => Number(a.state === 'RESOLVED') - Number(b.state === 'RESOLVED') || b.started_at_ms - a.started_at_ms,
      )
      .slice(0, MAX_INCIDENTS),
    heartbeat: heartbeatOf(
      saved.agentId,
      kept.map(({ source_id, service }) => ({ source_id, service })),
      feed,
    ),
  };
}

/** What the charts hold, as an agent would answer it. */
function heartbeatOf(
  agentId: string,
  sources: readonly { readonly source_id: string; readonly service: string }[],
  feed: HeartbeatFeed,
): HeartbeatAnswer | null {
  const { signal, rangeSeconds, stepSeconds } = feed.shape;
  const newest = feed.newestSecond(agentId);
  if (newest < 0) return null;
  const to = Math.floor((newest + 1) / stepSeconds);
  const from = to - Math.floor(rangeSeconds / stepSeconds);
  // Counts of a step in the answer, per second in the feed.
  const perStep = signal === 'volume' ? stepSeconds : 1;
  const rounded = (column: readonly (number | null)[]) =>
    column.map((one) => (one === null ? null : Number((one * perStep).toPrecision(DIGITS))));
  return {
    signal,
    step_seconds: stepSeconds,
    from_ms: from * stepSeconds * 1000,
    to_ms: to * stepSeconds * 1000,
    columns: [[], [], [], [], []],
    total_events: 0,
    sources: sources.slice(0, MAX_SERIES).flatMap(({ source_id, service }) => {
      const columns = feed.grid({ agentId, sourceId: source_id })?.columns(from, to - 1);
      if (columns === undefined) return [];
      const { t, value, mean, lower, upper } = columns;
      return [{ source_id, service, columns: [t, rounded(value), rounded(mean), rounded(lower), rounded(upper)] }];
    }),
  };
}
