import type { LineColumns } from './plot-source.ts';

/**
 * A threshold further out or nearer than the band's edge: `factor` times as far from the mean. Null where nothing is
 * learnt. The band is the threshold in force, so its distance holds the σ without anybody naming it.
 */
export function triedThreshold(
  columns: Pick<LineColumns, 'mean' | 'lower' | 'upper'>,
  i: number,
  side: 'upper' | 'lower',
  factor: number,
): number | null {
  const mean = columns.mean[i] ?? null;
  const edge = columns[side][i] ?? null;
  return mean === null || edge === null ? null : mean + (edge - mean) * factor;
}
