import type { HeartbeatAnswer, Incident } from '@sentinellog/shared';
import { type LastKnown, MOST_KEPT } from '../../bridge/last-known.ts';
import type { AgentView } from './agents-state.ts';
import type { HeartbeatFeed } from './heartbeat-feed.ts';

const DIGITS = 4;

/** What is worth keeping of an agent; null while it has not said enough itself. Log lines are not kept. */
export function lastKnownOf(
  { saved, info, sources, anomalies, asOfMs }: AgentView,
  incidents: readonly Incident[],
  feed: HeartbeatFeed,
  nowMs: number,
): LastKnown | null {
  if (info === null || asOfMs !== null || saved.connection.type !== 'open') return null;
  const kept = [...sources.values()].slice(0, MOST_KEPT.sources);
  return {
    version: 1,
    agentId: saved.agentId,
    atMs: nowMs,
    info,
    sources: kept,
    anomalies: [...anomalies.values()]
      .slice(-MOST_KEPT.anomalies)
      .map((anomaly) => ({ ...anomaly, raw_data_sample: [] })),
    incidents: incidents
      .toSorted(
        (a, b) => Number(a.state === 'RESOLVED') - Number(b.state === 'RESOLVED') || b.started_at_ms - a.started_at_ms,
      )
      .slice(0, MOST_KEPT.incidents),
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
    sources: sources.slice(0, MOST_KEPT.series).flatMap(({ source_id, service }) => {
      const columns = feed.grid({ agentId, sourceId: source_id })?.columns(from, to - 1);
      if (columns === undefined) return [];
      const { t, value, mean, lower, upper } = columns;
      return [{ source_id, service, columns: [t, rounded(value), rounded(mean), rounded(lower), rounded(upper)] }];
    }),
  };
}
