import type { ExplainAgainst } from '@sentinellog/shared';
import { cellKey, type CountedRange } from './count-cells.ts';
import type { Cell } from './decompose.ts';

/** What another cluster logged, by template. Whoever asks brings it: agents do not call each other. */
export type OtherCluster = Extract<ExplainAgainst, { readonly kind: 'other_cluster' }>;

/**
 * The cells of a range beside what another cluster logged, scaled to as many events: what is left is what the two differ
 * in. A template is the same by its id, or by its text where one of them has it from an older state. What only the
 * other has is a cell without events, under the other's name.
 * @param textOf undefined of a template that is no longer known
 */
export function cellsAgainst(
  { cells, total }: Pick<CountedRange, 'cells' | 'total'>,
  { name, templates }: OtherCluster,
  textOf: (templateId: string) => string | undefined,
): Cell[] {
  const all = templates.reduce((sum, { count }) => sum + count, 0);
  const scale = all === 0 ? 0 : total / all;
  const byTemplate = Map.groupBy(cells.values(), ({ templateId }) => templateId);
  const byText = new Map(Array.from(byTemplate.keys(), (id) => [textOf(id), id]));
  const there = new Map<string, number>();
  const only: Cell[] = [];
  for (const { template_id: id, text, count } of templates) {
    const here = byTemplate.has(id) ? id : byText.get(text);
    if (here !== undefined) there.set(here, (there.get(here) ?? 0) + count * scale);
    else only.push({ templateId: id, sourceId: name, count: 0, past: [count * scale], isNew: false });
  }
  const both = byTemplate.entries().flatMap(([templateId, members]) => {
    const expected = there.get(templateId);
    const here = members.reduce((sum, { count }) => sum + count, 0);
    // Which services it comes from is each cluster's own affair: they share what is expected as they share what came.
    return members.map(({ sourceId, count }): Cell => {
      return { templateId, sourceId, count, past: [((expected ?? 0) * count) / here], isNew: expected === undefined };
    });
  });
  return [...both, ...mergedByKey(only)];
}

/** A template that was named twice is one. */
function mergedByKey(cells: readonly Cell[]): Cell[] {
  const groups = Map.groupBy(cells, ({ templateId, sourceId }) => cellKey(templateId, sourceId));
  return Array.from(groups.values(), ([first, ...rest]) => ({
    ...first,
    past: [rest.reduce((sum, { past }) => sum + past[0], first.past[0])],
  }));
}
