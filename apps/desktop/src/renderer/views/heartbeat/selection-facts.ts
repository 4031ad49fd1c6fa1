import type { FeedSource } from '../../stores/plot-sources.ts';
import type { Span } from '../../stores/view-window.ts';
import { exactly, milliseconds, percent } from '../../words/quantity.ts';

/** How many lines a range held, and how that compares with what was expected of it. */
export function selectionFacts(
  source: Pick<FeedSource, 'signal' | 'stepSeconds' | 'read' | 'lines'>,
  { fromMs, toMs }: Span,
): string {
  const lines = source.read(fromMs / 1000, toMs / 1000);
  const rows = lines.flatMap(({ value, mean }) => value.map((one, i) => ({ value: one, mean: mean[i] ?? null })));
  const known = rows.filter((row) => row.value !== null);
  if (known.length === 0) return 'no data in this range';
  const observed = known.reduce((sum, { value }) => sum + (value ?? 0), 0);
  if (source.signal === 'error_rate') return `errors ${percent(observed / known.length)} on average`;
  if (source.signal === 'latency_p99')
    return `p99 up to ${milliseconds(Math.max(...known.map(({ value }) => value ?? 0)))}`;

  const words = `${exactly(observed * source.stepSeconds)} lines`;
  const compared = known.filter(({ mean }) => mean !== null);
  const expected = compared.reduce((sum, { mean }) => sum + (mean ?? 0), 0);
  if (expected <= 0 || source.lines.length > 1) return words;
  const change = compared.reduce((sum, { value }) => sum + (value ?? 0), 0) / expected - 1;
  return `${words}, ${change >= 0 ? '+' : '−'}${exactly(Math.abs(change) * 100)} % against expected`;
}
