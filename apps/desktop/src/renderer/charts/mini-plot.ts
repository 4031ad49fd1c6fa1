import uPlot from 'uplot';
import type { ChartTheme } from './chart-theme.ts';
import type { LineColumns, PlotSource } from './plot-source.ts';

/** More points than this cannot be told apart on a tile of 320 px. */
const MAX_POINTS = 300;
const LEAST_TOP = { volume: 2, error_rate: 0.01, latency_p99: 10 } as const;

/** A source at a glance: its line and its band, without axes. */
export class MiniPlot {
  readonly #source: PlotSource;
  readonly #plot: uPlot;
  #version = -1;
  #highest = 0;

  constructor(host: HTMLElement, source: PlotSource, theme: ChartTheme) {
    this.#source = source;
    const edge: uPlot.Series = { scale: 'y', stroke: theme.bandEdge, width: 0.5, points: { show: false } };
    this.#plot = new uPlot(
      {
        width: host.clientWidth,
        height: host.clientHeight,
        pxAlign: 0,
        ms: 1,
        padding: [2, 0, 2, 0],
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: false, auto: false }, y: { auto: false } },
        axes: [{ show: false }, { show: false }],
        series: [
          {},
          edge,
          edge,
          { scale: 'y', stroke: theme.mean, width: 0.75, dash: [3, 3], points: { show: false } },
          { scale: 'y', stroke: theme.line, width: 1.25, points: { show: false } },
        ],
        bands: [{ series: [2, 1], fill: theme.band }],
      },
      [[], [], [], [], []],
      host,
    );
  }

  destroy(): void {
    this.#plot.destroy();
  }

  resize(width: number, height: number): void {
    if (width > 0 && height > 0) this.#plot.setSize({ width, height });
  }

  draw(): void {
    const { fromMs, toMs } = this.#source.span();
    const version = this.#source.version();
    let data: uPlot.AlignedData | null = null;
    if (version !== this.#version) {
      this.#version = version;
      const columns = this.#source.read(Math.floor(fromMs / 1000), Math.ceil(toMs / 1000))[0];
      if (columns !== undefined) {
        const thin = thinned(columns, MAX_POINTS);
        this.#highest = highestOf(thin);
        data = [thin.t, thin.lower, thin.upper, thin.mean, thin.value].map(
          (column) => column as (number | null)[],
        ) as uPlot.AlignedData;
      }
    }
    // Nothing is read off a tile's scale, so it may follow closely and waste no height.
    const top = Math.max(LEAST_TOP[this.#source.signal], this.#highest * 1.06);
    this.#plot.batch(() => {
      if (data !== null) this.#plot.setData(data, false);
      this.#plot.setScale('x', { min: fromMs / 1000, max: toMs / 1000 });
      this.#plot.setScale('y', { min: 0, max: top });
    });
  }
}

/**
 * Fewer points without losing a spike or a drop: of each group the value furthest from its mean is kept, and a group
 * that holds a gap stays a gap. Groups lie on absolute times, so that nothing flickers while the chart slides.
 */
export function thinned(columns: LineColumns, maxPoints: number): LineColumns {
  const { t } = columns;
  const every = Math.ceil(t.length / maxPoints);
  if (every <= 1 || t.length < 2) return columns;
  const stepSeconds = t[1]! - t[0]!;
  const kept: number[] = [];
  let group = Number.NaN;
  for (let i = 0; i < t.length; i++) {
    const next = Math.floor(t[i]! / stepSeconds / every);
    if (next !== group) {
      group = next;
      kept.push(i);
    } else if (isFurther(columns, i, kept[kept.length - 1]!)) kept[kept.length - 1] = i;
  }
  const pick = <Value>(column: readonly Value[]) => kept.map((i) => column[i]!);
  return {
    t: pick(t),
    value: pick(columns.value),
    mean: pick(columns.mean),
    lower: pick(columns.lower),
    upper: pick(columns.upper),
  };
}

function isFurther(columns: LineColumns, candidate: number, kept: number): boolean {
  const [a, b] = [columns.value[candidate], columns.value[kept]];
  if (b === null || b === undefined) return false;
  if (a === null || a === undefined) return true;
  const distance = (i: number, value: number) => Math.abs(value - (columns.mean[i] ?? 0));
  return distance(candidate, a) > distance(kept, b);
}

function highestOf({ value, upper }: LineColumns): number {
  let highest = 0;
  for (const column of [value, upper]) for (const one of column) highest = Math.max(highest, one ?? 0);
  return highest;
}
