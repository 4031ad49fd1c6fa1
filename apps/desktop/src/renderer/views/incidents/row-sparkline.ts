import type { SparklineData } from '../../components/sparkline.tsx';
import type { Console } from '../../stores/console.ts';
import type { SeriesRef } from '../../stores/heartbeat-feed.ts';
import type { DeskRow } from '../../stores/desk-state.ts';

const POINTS = 30;
const SPAN_SECONDS = 300;

/** Of the series that went first. */
export function rowSparkline(console: Console, { agentId, incident }: DeskRow, nowMs: number): SparklineData {
  return seriesSparkline(console, { agentId, sourceId: incident.first_mover.source_id }, nowMs);
}

/** The last five minutes of a series, as far as they are in memory; `nowMs` is the tick that asks. */
export function seriesSparkline(console: Console, ref: SeriesRef, nowMs: number): SparklineData {
  const { stepSeconds } = console.feed.shape;
  const grid = console.feed.grid(ref);
  const to = Math.floor(nowMs / 1000 / stepSeconds) - 1;
  const each = Math.max(1, Math.floor(SPAN_SECONDS / stepSeconds / POINTS));
  if (grid === undefined) return { value: [], lower: [], upper: [] };
  const columns = grid.columns(to - each * POINTS + 1, to);
  // The most of each stretch: a spike must not fall between two points.
  const thin = (column: readonly (number | null)[]) =>
    Array.from({ length: Math.ceil(column.length / each) }, (_, i) => {
      const known = column.slice(i * each, (i + 1) * each).filter((value) => value !== null);
      return known.length === 0 ? null : Math.max(...known);
    });
  return { value: thin(columns.value), lower: thin(columns.lower), upper: thin(columns.upper) };
}
