import type { FeedSource } from '../../stores/plot-sources.ts';

export interface TableRow {
  readonly second: number;
  /** Which line; empty where there is only one. */
  readonly line: string;
  readonly value: number | null;
  readonly mean: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly state: 'no data' | 'learning' | 'normal' | 'above' | 'below';
}

/** Every step that is on the chart now, newest first. */
export function tableRows(source: Pick<FeedSource, 'span' | 'newestMs' | 'read' | 'lines'>): readonly TableRow[] {
  const { fromMs, toMs } = source.span();
  const endMs = Math.min(toMs, source.newestMs() ?? toMs);
  const columns = source.read(fromMs / 1000, endMs / 1000);
  const rows: TableRow[] = [];
  const length = columns[0]?.t.length ?? 0;
  for (let i = length - 1; i >= 0; i--) {
    for (const [line, { t, value, mean, lower, upper }] of columns.entries()) {
      const row = { value: value[i] ?? null, mean: mean[i] ?? null, lower: lower[i] ?? null, upper: upper[i] ?? null };
      rows.push({ second: t[i] ?? 0, line: source.lines[line]?.label ?? '', ...row, state: stateOf(row) });
    }
  }
  return rows;
}

/** RFC 4180, times as ISO 8601 in UTC. */
export function tableCsv(rows: readonly TableRow[]): string {
  const lines = rows.map(({ second, line, value, mean, lower, upper, state }) =>
    [new Date(second * 1000).toISOString(), line, value ?? '', mean ?? '', lower ?? '', upper ?? '', state].join(','),
  );
  return ['time,line,observed,expected,low,high,state', ...lines, ''].join('\r\n');
}

function stateOf({ value, lower, upper }: Pick<TableRow, 'value' | 'lower' | 'upper'>): TableRow['state'] {
  if (value === null) return 'no data';
  if (lower === null || upper === null) return 'learning';
  if (value > upper) return 'above';
  return value < lower ? 'below' : 'normal';
}
