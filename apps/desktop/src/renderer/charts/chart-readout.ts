import type { Clock } from '../words/clock.ts';
import { secondOf } from '../words/clock.ts';
import { ago } from '../words/duration.ts';
import { reading } from '../words/quantity.ts';
import type { PlotCursor } from './heartbeat-plot.ts';
import type { PlotSource } from './plot-source.ts';

/** What the cursor stands on, in rows of label and value; the first row is the time. */
export interface Readout {
  readonly title: string;
  readonly rows: readonly { readonly label: string; readonly value: string; readonly colour: number | null }[];
}

export function readoutOf(
  cursor: PlotCursor,
  { lines, signal, newestMs }: Pick<PlotSource, 'lines' | 'signal' | 'newestMs'>,
  clock: Clock,
): Readout {
  const atMs = cursor.second * 1000;
  const title = `${secondOf(atMs, clock)} · ${ago((newestMs() ?? atMs) - atMs)}`;
  const say = (value: number | null) => (value === null ? 'no data' : reading(signal, value));
  const [only] = cursor.lines;
  if (lines.length > 1 || only === undefined) {
    const rows = lines.map(({ label, colour }, i) => ({ label, value: say(cursor.lines[i]?.value ?? null), colour }));
    return { title, rows };
  }
  const { value, mean, lower, upper } = only;
  const rows = [{ label: 'Observed', value: say(value), colour: null }];
  if (mean !== null) rows.push({ label: 'Expected', value: reading(signal, mean), colour: null });
  if (lower !== null && upper !== null) {
    rows.push({ label: 'Normal', value: `${reading(signal, lower)} – ${reading(signal, upper)}`, colour: null });
    if (value !== null) rows.push({ label: '', value: placeOf(value, lower, upper), colour: null });
  }
  return { title, rows };
}

/** The same as one sentence, for speech. */
export function spokenReadout({ title, rows }: Readout): string {
  return [title.replace('·', ','), ...rows.map(({ label, value }) => `${label} ${value}`.trim())].join('. ');
}

function placeOf(value: number, lower: number, upper: number): string {
  if (value > upper) return '▲ above normal';
  if (value < lower) return '▼ below normal';
  return 'within normal';
}
