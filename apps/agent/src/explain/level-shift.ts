import { LEVELS, type Template } from '@sentinellog/shared';
import type { Part } from './decompose.ts';
import { deviationOf } from './deviation.ts';
import type { LineTally } from './line-tally.ts';

/** Fewer lines say nothing of a mix. */
const FEWEST_LINES = 20;

/**
 * Events of a part that came at another level than they always do: the same message, as often as always, but now as
 * errors. Counts by template know no level, so this needs lines.
 */
export function levelShift(part: Part, known: ReadonlyMap<string, Template>, lines: LineTally): number {
  let shifted = 0;
  for (const [templateId, cells] of Map.groupBy(part.cells, (cell) => cell.templateId)) {
    const count = cells.reduce((sum, cell) => sum + cell.count, 0);
    const read = lines.linesOf(templateId);
    const template = known.get(templateId);
    if (read < FEWEST_LINES || template === undefined) continue;
    const seen = LEVELS.map((level) => lines.levelsOf(templateId).get(level) ?? 0);
    // What it was before: all of its events without those of the range.
    const before = LEVELS.map((level, at) => Math.max(0, template.levels[level] - (seen[at] / read) * count));
    const all = before.reduce((sum, one) => sum + one, 0);
    if (all < FEWEST_LINES) continue;
    const beyond = seen.map((now, at) => deviationOf(now, [(before[at] / all) * read]).beyond);
    // What one level has more another has less: each event once.
    shifted += (beyond.reduce((sum, one) => sum + Math.abs(one), 0) / 2) * (count / read);
  }
  return shifted;
}
