import { RequestError } from '@sentinellog/shared';
import type { SecondsRange } from './past-ranges.ts';

export interface TemplateCountsQuery extends SecondsRange {
  readonly sourceIds: readonly string[];
  readonly stepSeconds: number;
}

/** As stored: the range may come back widened to whole minutes or hours where the seconds are no longer kept. */
export interface TemplateCounts extends SecondsRange {
  readonly unitSeconds: number;
  readonly counts: readonly {
    readonly source_id: string;
    readonly template_id: string;
    readonly t: number;
    readonly count: number;
  }[];
}

export type TemplateCountsReader = (query: TemplateCountsQuery) => Promise<TemplateCounts>;

/** A template of a source in a range. */
export interface RangeCell {
  readonly templateId: string;
  readonly sourceId: string;
  count: number;
  /** Events by step over the range. */
  readonly steps: Float64Array;
  /** A stretch in which it came: where to look for a line of it. */
  readonly seen: SecondsRange;
}

export interface CountedRange extends SecondsRange {
  /** Equal steps over the range, of each cell. */
  readonly steps: number;
  readonly total: number;
  readonly cells: ReadonlyMap<string, RangeCell>;
}

const MOST_STEPS = 60;
const UNITS = [1, 60, 3600] as const;
/**
 * Seconds (minutes, hours) of sources that are read at once: each may hold counts of a dozen templates. Above the first
 * it is read in coarser units but for the ends of the range, above the second not at all: it would be a gigabyte.
 */
const MANY_UNITS = 100_000;
const MOST_UNITS = 400_000;

/**
 * What came in a range, to the event: by the second, or in the middle of long ranges and for many sources by the minute
 * or hour. RequestError where it is too much.
 */
export async function countRange(
  read: TemplateCountsReader,
  sourceIds: readonly string[],
  range: SecondsRange,
): Promise<CountedRange> {
  const parts = await readParts(read, sourceIds, range);
  const from = Math.min(...parts.map(({ fromSecond }) => fromSecond));
  const to = Math.max(...parts.map(({ toSecond }) => toSecond));
  const coarsest = Math.max(...parts.map(({ unit }) => unit));
  const steps = Math.max(1, Math.min(MOST_STEPS, Math.floor((to - from) / coarsest)));
  const cells = new Map<string, RangeCell>();
  let total = 0;
  for (const { counts, unit } of parts) {
    for (const { source_id: sourceId, template_id: templateId, t, count } of counts) {
      const key = cellKey(templateId, sourceId);
      let cell = cells.get(key);
      if (cell === undefined) {
        const seen = { fromSecond: t, toSecond: t + unit };
        cells.set(key, (cell = { templateId, sourceId, count: 0, steps: new Float64Array(steps), seen }));
      }
      cell.count += count;
      cell.steps[Math.min(steps - 1, Math.floor(((t - from) * steps) / (to - from)))] += count;
      total += count;
    }
  }
  return { fromSecond: from, toSecond: to, steps, total, cells };
}

/** Events of each cell in a past range; fractions where what is stored is coarser than the range's ends. */
export async function countPast(
  read: TemplateCountsReader,
  sourceIds: readonly string[],
  range: SecondsRange,
): Promise<{ templateId: string; sourceId: string; count: number }[]> {
  const parts = await readParts(read, sourceIds, range);
  return parts.flatMap(({ counts, unit }) =>
    counts.flatMap(({ source_id: sourceId, template_id: templateId, t, count }) => {
      const inside = Math.min(t + unit, range.toSecond) - Math.max(t, range.fromSecond);
      if (inside <= 0) return [];
      return { templateId, sourceId, count: inside >= unit ? count : (count * inside) / unit };
    }),
  );
}

export function cellKey(templateId: string, sourceId: string): string {
  return `${templateId}/${sourceId}`;
}

async function readParts(read: TemplateCountsReader, sourceIds: readonly string[], range: SecondsRange) {
  const parts: (TemplateCounts & { readonly unit: number })[] = [];
  for (const part of partsOf(range, sourceIds.length)) {
    const counted = await read({ ...part, sourceIds });
    parts.push({ ...counted, unit: Math.max(counted.unitSeconds, part.stepSeconds) });
  }
  return parts;
}

type Part = SecondsRange & { readonly stepSeconds: number };

function partsOf(range: SecondsRange, sources: number): readonly Part[] {
  const cuts = UNITS.map((_, coarsest) => cut(range, coarsest));
  const costs = cuts.map((parts) =>
    parts.reduce((sum, part) => sum + ((part.toSecond - part.fromSecond) / part.stepSeconds) * sources, 0),
  );
  const at = costs.findIndex((cost) => cost <= MANY_UNITS);
  if (at >= 0) return cuts[at];
  const least = costs.indexOf(Math.min(...costs));
  if (costs[least] <= MOST_UNITS) return cuts[least];
  throw new RequestError(
    'invalid_request',
    `so long a range of ${sources} sources is too much at once: take a shorter one, or name the sources`,
  );
}

/** Whole units in the middle, finer ones at the ends. @param coarsest of UNITS */
function cut({ fromSecond, toSecond }: SecondsRange, coarsest: number): Part[] {
  if (fromSecond >= toSecond) return [];
  const unit = UNITS[coarsest];
  const first = Math.ceil(fromSecond / unit) * unit;
  const last = Math.floor(toSecond / unit) * unit;
  if (first >= last) return cut({ fromSecond, toSecond }, coarsest - 1);
  return [
    ...(fromSecond < first ? cut({ fromSecond, toSecond: first }, coarsest - 1) : []),
    { fromSecond: first, toSecond: last, stepSeconds: unit },
    ...(last < toSecond ? cut({ fromSecond: last, toSecond }, coarsest - 1) : []),
  ];
}
