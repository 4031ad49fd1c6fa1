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
  /** Some second (or minute) in which it came: where to look for a line of it. */
  readonly seenAt: number;
}

export interface CountedRange extends SecondsRange {
  readonly unitSeconds: number;
  readonly total: number;
  readonly cells: ReadonlyMap<string, RangeCell>;
}

/** Up to so long a range is read by the second throughout; in longer ones only the ends are. */
const MAX_SECONDS = 2 * 3600;
const MINUTE = 60;

/** What came in a range, to the event. @param steps of the sparkline */
export async function countRange(
  read: TemplateCountsReader,
  sourceIds: readonly string[],
  { fromSecond, toSecond }: SecondsRange,
  steps: number,
): Promise<CountedRange> {
  const parts: TemplateCounts[] = [];
  for (const part of partsOf(fromSecond, toSecond)) parts.push(await read({ ...part, sourceIds }));
  const from = Math.min(...parts.map((part) => part.fromSecond));
  const to = Math.max(...parts.map((part) => part.toSecond));
  const cells = new Map<string, RangeCell>();
  let total = 0;
  for (const { counts } of parts) {
    for (const { source_id: sourceId, template_id: templateId, t, count } of counts) {
      const key = cellKey(templateId, sourceId);
      let cell = cells.get(key);
      if (cell === undefined)
        cells.set(key, (cell = { templateId, sourceId, count: 0, steps: new Float64Array(steps), seenAt: t }));
      cell.count += count;
      cell.steps[Math.min(steps - 1, Math.floor(((t - from) * steps) / (to - from)))] += count;
      total += count;
    }
  }
  return {
    fromSecond: from,
    toSecond: to,
    unitSeconds: Math.max(...parts.map((part) => part.unitSeconds)),
    total,
    cells,
  };
}

/** Events of each cell in a past range; fractions where what is stored is coarser than the range's ends. */
export async function countPast(
  read: TemplateCountsReader,
  sourceIds: readonly string[],
  { fromSecond, toSecond }: SecondsRange,
): Promise<{ templateId: string; sourceId: string; count: number }[]> {
  const stepSeconds = toSecond - fromSecond > MAX_SECONDS ? MINUTE : 1;
  const from = Math.floor(fromSecond / stepSeconds) * stepSeconds;
  const to = Math.ceil(toSecond / stepSeconds) * stepSeconds;
  const { counts, unitSeconds } = await read({ sourceIds, fromSecond: from, toSecond: to, stepSeconds });
  const unit = Math.max(unitSeconds, stepSeconds);
  return counts.flatMap(({ source_id: sourceId, template_id: templateId, t, count }) => {
    const inside = Math.min(t + unit, toSecond) - Math.max(t, fromSecond);
    if (inside <= 0) return [];
    return { templateId, sourceId, count: inside >= unit ? count : (count * inside) / unit };
  });
}

export function cellKey(templateId: string, sourceId: string): string {
  return `${templateId}/${sourceId}`;
}

/** The ends by the second, what lies between by the minute: one part where that saves nothing. */
function partsOf(fromSecond: number, toSecond: number): (SecondsRange & { readonly stepSeconds: number })[] {
  const first = Math.ceil(fromSecond / MINUTE) * MINUTE;
  const last = Math.floor(toSecond / MINUTE) * MINUTE;
  if (toSecond - fromSecond <= MAX_SECONDS) return [{ fromSecond, toSecond, stepSeconds: 1 }];
  return [
    { fromSecond, toSecond: first, stepSeconds: 1 },
    { fromSecond: first, toSecond: last, stepSeconds: MINUTE },
    { fromSecond: last, toSecond, stepSeconds: 1 },
  ].filter((part) => part.fromSecond < part.toSecond);
}
