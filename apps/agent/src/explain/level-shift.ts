import { LEVELS, type Template } from '@sentinellog/shared';
import type { Part } from './decompose.ts';
import type { LineTally } from './line-tally.ts';

/** Fewer lines say nothing of a mix. */
const FEWEST_LINES = 20;
/** Total variation distance that a mix differs by from line to line. */
const USUAL_DISTANCE = 0.25;

/**
 * Events of a part that came at another level than they always do: the same message, as often as always, but now as
 * errors. Counts by template know no level, so this needs lines.
 */
export function levelShift(part: Part, known: ReadonlyMap<string, Template>, lines: LineTally): number {
  const counts = new Map<string, number>();
  for (const { templateId, count } of part.cells) counts.set(templateId, (counts.get(templateId) ?? 0) + count);
  let shifted = 0;
  for (const [templateId, count] of counts) {
    const read = lines.linesOf(templateId);
    const template = known.get(templateId);
    if (read < FEWEST_LINES || template === undefined) continue;
    const seen = lines.levelsOf(templateId);
    const now = LEVELS.map((level) => (seen.get(level) ?? 0) / read);
    // What it was before: all of its events without those of the range.
    const before = LEVELS.map((level, at) => Math.max(0, template.levels[level] - now[at] * count));
    const all = before.reduce((sum, one) => sum + one, 0);
    if (all < FEWEST_LINES) continue;
    const distance = now.reduce((sum, share, at) => sum + Math.abs(share - before[at] / all), 0) / 2;
    if (distance > USUAL_DISTANCE) shifted += distance * count;
  }
  return shifted;
}
