import type { Direction } from '@sentinellog/shared';
import uPlot from 'uplot';
import type { Clock } from '../words/clock.ts';
import { duration } from '../words/duration.ts';
import { briefReading } from '../words/quantity.ts';
import { CLUSTER_DASHES, type ChartTheme } from './chart-theme.ts';
import { gapRuns } from './gap-runs.ts';
import { hatchPattern } from './hatch.ts';
import type { TimeSpan } from './brush-gesture.ts';
import type { LineColumns, PlotSource } from './plot-source.ts';
import { triedThreshold } from './tried-threshold.ts';
import { tickLabels, timeTicks, TIME_INCREMENTS } from './time-axis.ts';
import { niceAbove, YRange } from './y-range.ts';

/** Lanes above and below the line, where markers never cover data (ux §3.2). */
export const LANE_PX = 18;
/** Room right of the plot for the words at the end of a line. */
const GUTTER_PX = 76;
const Y_AXIS_PX = 52;
const X_AXIS_PX = 26;
/** A newest bucket further than this from the right edge is a stall, not the pace of arrival. */
const STALL_MS = 1500;
/** The threshold of now is one of the last buckets; an older one says nothing about now. */
const NOW_BUCKETS = 5;
/** The smallest scale: a source that sends nothing must not fill the plot with its noise. */
const LEAST_TOP = { volume: 5, error_rate: 0.01, latency_p99: 10 } as const;

/** A marker's foot on the canvas; its glyph is a button over the plot. */
export interface Leader {
  readonly atSecond: number;
  readonly direction: Direction;
  readonly colour: string;
}

/** A threshold that is tried: so many times as far from the mean as the one in force. */
export interface GhostThreshold {
  /** `2σ` */
  readonly name: string;
  readonly factor: number;
}

export interface PlotCursor {
  readonly second: number;
  /** px from the left of the chart's box. */
  readonly left: number;
  /** One a line. */
  readonly lines: readonly { value: number | null; mean: number | null; lower: number | null; upper: number | null }[];
}

export interface HeartbeatPlotOptions {
  readonly host: HTMLElement;
  readonly source: PlotSource;
  readonly theme: ChartTheme;
  readonly clock: Clock;
  /** Monotonic milliseconds: for what settles over time. */
  readonly now: () => number;
  readonly onCursor: (cursor: PlotCursor | null) => void;
  /** After each frame: where things in the DOM have moved to. */
  readonly onFrame: (place: (atMs: number) => number | null) => void;
}

/**
 * The big chart: line, baseline, thresholds, gaps and the live edge on a canvas. It is made once, looks at its source
 * every frame, and never goes through React.
 */
export class HeartbeatPlot {
  readonly #options: HeartbeatPlotOptions;
  readonly #plot: uPlot;
  readonly #range: YRange;
  readonly #hatch: CanvasPattern | null;
  #columns: readonly LineColumns[] = [];
  #readFromSecond = 0;
  #version = -1;
  #leaders: readonly Leader[] = [];
  #ghost: GhostThreshold | null = null;
  readonly #frameListeners = new Set<() => void>();
  #selection: TimeSpan | null = null;
  #baselines: readonly TimeSpan[] = [];
  /** Where the keyboard has put the cursor; it stays with its bucket while the chart slides. */
  #pinnedSecond: number | null = null;

  constructor(options: HeartbeatPlotOptions) {
    this.#options = options;
    this.#range = new YRange(LEAST_TOP[options.source.signal]);
    const { host } = options;
    this.#plot = new uPlot(this.#uplotOptions(host.clientWidth, host.clientHeight), this.#emptyData(), host);
    this.#hatch = hatchPattern(this.#plot.ctx, options.theme.gap, devicePixelRatio);
  }

  destroy(): void {
    this.#plot.destroy();
  }

  resize(width: number, height: number): void {
    if (width > 0 && height > 0) this.#plot.setSize({ width, height });
  }

  setLeaders(leaders: readonly Leader[]): void {
    this.#leaders = leaders;
  }

  setSelection(selection: TimeSpan | null): void {
    this.#selection = selection;
  }

  /** What the selection is compared with. */
  setBaselines(baselines: readonly TimeSpan[]): void {
    this.#baselines = baselines;
  }

  setGhost(ghost: GhostThreshold | null): void {
    this.#ghost = ghost;
  }

  /** What the pointer is over. */
  get surface(): HTMLElement {
    return this.#plot.over;
  }

  /** The plot itself within the chart's box, in px. */
  get area(): { readonly left: number; readonly top: number; readonly width: number; readonly height: number } {
    const { offsetLeft, offsetTop, clientWidth, clientHeight } = this.#plot.over;
    return { left: offsetLeft, top: offsetTop, width: clientWidth, height: clientHeight };
  }

  /** The moment under a place of the screen (`clientX`), also beside the plot. */
  timeAt(clientX: number): number {
    return this.#plot.posToVal(clientX - this.#plot.over.getBoundingClientRect().left, 'x') * 1000;
  }

  /** Where a moment is in the chart's box, in px from its left, also beside the plot. */
  leftOf(atMs: number): number {
    return this.#plot.over.offsetLeft + this.#plot.valToPos(atMs / 1000, 'x');
  }

  get msPerPx(): number {
    const { min, max } = this.#plot.scales['x']!;
    return (((max ?? 0) - (min ?? 0)) * 1000) / Math.max(1, this.#plot.over.clientWidth);
  }

  /** What is drawn now, for the ear. */
  values(): Pick<LineColumns, 'value' | 'lower' | 'upper'> {
    const { min, max } = this.#plot.scales['x']!;
    const first = this.#columns[0];
    if (first === undefined) return { value: [], lower: [], upper: [] };
    const from = first.t.findIndex((second) => second >= (min ?? 0));
    const to = first.t.findLastIndex((second) => second <= (max ?? 0)) + 1;
    const cut = (column: readonly (number | null)[]) => column.slice(Math.max(0, from), to);
    return { value: cut(first.value), lower: cut(first.lower), upper: cut(first.upper) };
  }

  /** Called after every frame, when things over the plot have to move along. */
  onFrame(listener: () => void): () => void {
    this.#frameListeners.add(listener);
    return () => {
      this.#frameListeners.delete(listener);
    };
  }

  /** Everything that may have moved since the last frame. */
  draw(): void {
    const { source, now } = this.#options;
    const { fromMs, toMs } = source.span();
    const fromSecond = Math.floor(fromMs / 1000) - source.stepSeconds;
    const version = source.version();
    const fresh = version !== this.#version || fromSecond < this.#readFromSecond;
    if (fresh) {
      this.#version = version;
      this.#readFromSecond = fromSecond;
      this.#columns = source.read(fromSecond, Math.ceil((source.newestMs() ?? toMs) / 1000));
    }
    const top = this.#range.fit(this.#highest(fromSecond, toMs / 1000), now());
    const lane = this.#laneInUnits(top);
    this.#plot.batch(() => {
      if (fresh) this.#plot.setData(this.#data(), false);
      this.#plot.setScale('x', { min: fromMs / 1000, max: toMs / 1000 });
      this.#plot.setScale('y', { min: -lane, max: top + lane });
    });
    if (this.#pinnedSecond !== null) this.#showCursorAt(this.#pinnedSecond);
    this.#options.onFrame((atMs) => this.#place(atMs));
    for (const listener of this.#frameListeners) listener();
  }

  /** Moves the keyboard's cursor by buckets, starting at the live edge. Infinity goes to the end. */
  moveCursor(buckets: number): void {
    const t = this.#columns[0]?.t ?? [];
    const { min, max } = this.#plot.scales['x']!;
    const visible = t.filter((second) => second >= (min ?? 0) && second <= (max ?? 0));
    if (visible.length === 0) return;
    const at = this.#pinnedSecond === null ? visible.length : visible.indexOf(this.#pinnedSecond);
    const next = Math.min(visible.length - 1, Math.max(0, at + buckets));
    this.putCursor(visible[next]!);
  }

  /** Puts the cursor on the bucket that holds this second. */
  putCursor(second: number): void {
    const { stepSeconds } = this.#options.source;
    this.#pinnedSecond = Math.floor(second / stepSeconds) * stepSeconds;
    this.#showCursorAt(this.#pinnedSecond);
  }

  clearCursor(): void {
    this.#pinnedSecond = null;
    this.#plot.setCursor({ left: -10, top: -10 });
  }

  /** What the cursor stands on; null while there is none. */
  cursor(): PlotCursor | null {
    return typeof this.#plot.cursor.idx === 'number' ? this.#cursorAt(this.#plot.cursor.idx) : null;
  }

  get cursorSecond(): number | null {
    return this.#pinnedSecond;
  }

  #showCursorAt(second: number): void {
    this.#plot.setCursor({ left: this.#plot.valToPos(second, 'x'), top: this.#plot.over.clientHeight / 2 });
  }

  #place(atMs: number): number | null {
    const left = this.#plot.valToPos(atMs / 1000, 'x');
    const { clientWidth, offsetLeft } = this.#plot.over;
    return left < -1 || left > clientWidth + 1 ? null : offsetLeft + left;
  }

  #highest(fromSecond: number, toSecond: number): number {
    let highest = 0;
    const factor = Math.max(1, this.#ghost?.factor ?? 1);
    for (const columns of this.#columns) {
      const { t, value } = columns;
      for (let i = 0; i < t.length; i++) {
        if (t[i]! < fromSecond || t[i]! > toSecond) continue;
        const threshold = this.#banded ? triedThreshold(columns, i, 'upper', factor) : null;
        highest = Math.max(highest, value[i] ?? 0, threshold ?? 0, this.#banded ? (columns.upper[i] ?? 0) : 0);
      }
    }
    return highest;
  }

  #laneInUnits(top: number): number {
    const plotPx = this.#plot.over.clientHeight || 1;
    return (top * LANE_PX) / Math.max(LANE_PX, plotPx - 2 * LANE_PX);
  }

  get #banded(): boolean {
    return this.#options.source.banded;
  }

  #emptyData(): uPlot.AlignedData {
    const { lines } = this.#options.source;
    return [[], ...Array.from({ length: this.#banded ? 4 : lines.length }, () => [])];
  }

  /** uPlot's columns in the order in which they are drawn: the line lies over its baseline. */
  #data(): uPlot.AlignedData {
    const first = this.#columns[0];
    if (first === undefined) return this.#emptyData();
    const series = this.#banded
      ? [first.lower, first.upper, first.mean, first.value]
      : this.#columns.map((columns) => columns.value);
    // uPlot only reads them; its type asks for arrays that could be written to.
    return [first.t, ...series].map((column) => column as (number | null)[]) as uPlot.AlignedData;
  }

  #uplotOptions(width: number, height: number): uPlot.Options {
    const { theme, source, clock } = this.#options;
    return {
      width,
      height,
      pxAlign: 0,
      ms: 1,
      padding: [0, GUTTER_PX, 0, 0],
      legend: { show: false },
      scales: { x: { time: false, auto: false }, y: { auto: false } },
      axes: [this.#timeAxis(theme, clock), this.#valueAxis(theme)],
      series: [{}, ...(this.#banded ? this.#bandedSeries(theme, source) : this.#clusterSeries(theme))],
      ...(this.#banded ? { bands: [{ series: [2, 1], fill: theme.band }] } : {}),
      cursor: {
        y: false,
        drag: { x: false, y: false, setScale: false },
        points: { size: 7, width: 2, fill: theme.text },
        bind: { dblclick: () => null },
        // The crosshair stands on the line, not on the edges of its band.
        dataIdx: (_plot, series, index) => (this.#banded && series > 0 && series < 4 ? null : index),
      },
      hooks: {
        drawClear: [() => this.#drawUnderlay()],
        draw: [() => this.#drawOverlay()],
        setCursor: [() => this.#reportCursor()],
      },
    };
  }

  #bandedSeries(theme: ChartTheme, { learning }: PlotSource): uPlot.Series[] {
    const edge: uPlot.Series = {
      stroke: theme.bandEdge,
      width: 1,
      points: { show: false },
      ...(learning ? { dash: [3, 3] } : {}),
    };
    return [
      edge,
      edge,
      { stroke: theme.mean, width: 1, dash: [4, 4], points: { show: false } },
      { stroke: theme.line, width: 1.5, points: { show: false } },
    ].map((series) => ({ ...series, scale: 'y' }));
  }

  #clusterSeries(theme: ChartTheme): uPlot.Series[] {
    return this.#options.source.lines.map(({ colour }) => ({
      scale: 'y',
      stroke: colour === null ? theme.line : theme.clusters[colour % theme.clusters.length]!,
      width: 1.5,
      dash: [...(CLUSTER_DASHES[(colour ?? 0) % CLUSTER_DASHES.length] ?? [])],
      points: { show: false },
    }));
  }

  #timeAxis(theme: ChartTheme, clock: Clock): uPlot.Axis {
    // A day with a change of clocks is an hour off in its first part; ticks still stand on round local times today.
    const offsetSeconds = clock === 'utc' ? 0 : -60 * new Date(this.#options.source.span().toMs).getTimezoneOffset();
    return {
      scale: 'x',
      size: X_AXIS_PX,
      space: 78,
      gap: 6,
      font: theme.font,
      stroke: theme.axis,
      incrs: TIME_INCREMENTS,
      splits: (_plot, _axis, min, max, increment) => timeTicks(min, max, increment, offsetSeconds),
      values: (_plot, splits, _axis, _space, increment) => tickLabels(splits, increment, clock),
      grid: { stroke: theme.grid, width: 1 },
      ticks: { show: false },
    };
  }

  #valueAxis(theme: ChartTheme): uPlot.Axis {
    const { signal } = this.#options.source;
    return {
      scale: 'y',
      size: Y_AXIS_PX,
      gap: 8,
      font: theme.font,
      stroke: theme.axis,
      splits: () => {
        const step = niceAbove(this.#range.top / 5);
        return Array.from({ length: Math.floor(this.#range.top / step + 1e-9) + 1 }, (_, i) => i * step);
      },
      values: (_plot, splits) => splits.map((split) => briefReading(signal, split)),
      grid: { stroke: theme.grid, width: 1 },
      ticks: { show: false },
    };
  }

  /** Below the line: what is not known, and what is selected. */
  #drawUnderlay(): void {
    const { source, theme } = this.#options;
    const t = this.#columns[0]?.t ?? [];
    const gaps = gapRuns(
      t,
      this.#columns.map((columns) => columns.value),
      source.stepSeconds,
    );
    this.#inPlot((ctx) => {
      for (const { fromSecond, toSecond } of gaps) {
        this.#hatched(ctx, fromSecond, toSecond, `no data ${duration((toSecond - fromSecond) * 1000)}`);
      }
      const newestMs = source.newestMs();
      const { toMs } = source.span();
      if (newestMs !== null && toMs - newestMs > STALL_MS) {
        this.#hatched(ctx, newestMs / 1000, toMs / 1000, `no data ${duration(source.dataAgeMs() ?? 0)}`);
      }
      for (const baseline of this.#baselines) this.#paintSpan(ctx, baseline, theme.mean, 0.14);
      if (this.#selection !== null) this.#paintSpan(ctx, this.#selection, theme.select, 0.2);
    });
  }

  #paintSpan(ctx: CanvasRenderingContext2D, { fromMs, toMs }: TimeSpan, colour: string, alpha: number): void {
    const left = this.#plot.valToPos(fromMs / 1000, 'x', true);
    const right = this.#plot.valToPos(toMs / 1000, 'x', true);
    const { top, height } = this.#plot.bbox;
    const edge = 2 * devicePixelRatio;
    ctx.fillStyle = colour;
    ctx.globalAlpha = alpha;
    ctx.fillRect(left, top, right - left, height);
    ctx.globalAlpha = 1;
    ctx.fillRect(left - edge / 2, top, edge, height);
    ctx.fillRect(right - edge / 2, top, edge, height);
  }

  #hatched(ctx: CanvasRenderingContext2D, fromSecond: number, toSecond: number, label: string): void {
    const { left, top, width, height } = this.#plot.bbox;
    const from = Math.max(left, this.#plot.valToPos(fromSecond, 'x', true));
    const to = Math.min(left + width, this.#plot.valToPos(toSecond, 'x', true));
    if (to <= from) return;
    if (this.#hatch !== null) {
      ctx.fillStyle = this.#hatch;
      ctx.fillRect(from, top, to - from, height);
    }
    this.#labelIn(ctx, label, (from + to) / 2, top + height / 2, to - from);
  }

  /** Across where there is room, upright in a narrow gap, not at all in a sliver; always on a ground of its own. */
  #labelIn(ctx: CanvasRenderingContext2D, label: string, x: number, y: number, width: number): void {
    const lineHeight = 14 * devicePixelRatio;
    const length = ctx.measureText(label).width + 10 * devicePixelRatio;
    const upright = length > width;
    if (upright && lineHeight > width) return;
    ctx.save();
    ctx.translate(x, y);
    if (upright) ctx.rotate(-Math.PI / 2);
    ctx.fillStyle = this.#options.theme.ground;
    ctx.fillRect(-length / 2, -lineHeight / 2, length, lineHeight);
    ctx.fillStyle = this.#options.theme.gapText;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    ctx.fillText(label, 0, 0);
    ctx.restore();
  }

  /** Over the line: where it would fire, what the lines are called, and which point a marker belongs to. */
  #drawOverlay(): void {
    if (this.#ghost !== null && this.#banded) this.#drawGhost(this.#ghost);
    else if (this.#banded) this.#drawThresholds();
    else this.#drawLineNames();
    this.#inPlot((ctx) => {
      const { top, height } = this.#plot.bbox;
      const lane = LANE_PX * devicePixelRatio;
      ctx.lineWidth = devicePixelRatio;
      ctx.setLineDash([devicePixelRatio, 2 * devicePixelRatio]);
      for (const { atSecond, direction, colour } of this.#leaders) {
        const value = this.#valueAt(atSecond);
        if (value === null) continue;
        const x = this.#plot.valToPos(atSecond, 'x', true);
        ctx.strokeStyle = colour;
        ctx.beginPath();
        ctx.moveTo(x, direction === 'high' ? top + lane : top + height - lane);
        ctx.lineTo(x, this.#plot.valToPos(value, 'y', true));
        ctx.stroke();
      }
    });
  }

  #drawThresholds(): void {
    const { source, theme } = this.#options;
    const columns = this.#columns[0];
    const name = source.thresholdName;
    if (columns === undefined || name === null) return;
    const i = columns.upper.findLastIndex((value) => value !== null);
    if (i < columns.upper.length - NOW_BUCKETS) return;
    // A lower threshold at zero can never be crossed: a line there would promise something.
    const values = [columns.upper[i], columns.lower[i]].filter((value) => typeof value === 'number' && value > 0);
    const ends = values.map((value) => ({ value: value!, y: this.#plot.valToPos(value!, 'y', true) }));
    this.#inPlot((ctx) => {
      const { left, width } = this.#plot.bbox;
      // It is the threshold of now: the further back, the less it says.
      const fade = ctx.createLinearGradient(left, 0, left + width, 0);
      fade.addColorStop(0.35, 'transparent');
      fade.addColorStop(1, theme.threshold);
      ctx.strokeStyle = fade;
      ctx.lineWidth = devicePixelRatio;
      ctx.setLineDash([6 * devicePixelRatio, 3 * devicePixelRatio]);
      for (const { y } of ends) {
        ctx.beginPath();
        ctx.moveTo(left, y);
        ctx.lineTo(left + width, y);
        ctx.stroke();
      }
    });
    this.#nameEnds(
      ends.map(({ value, y }) => ({
        y,
        colour: theme.threshold,
        words: `${name} ${briefReading(source.signal, value)}${source.signal === 'volume' ? '/s' : ''}`,
      })),
    );
  }

  /** A threshold that is only tried: it follows the band over the whole window, as the detector would have. */
  #drawGhost({ name, factor }: GhostThreshold): void {
    const { source, theme } = this.#options;
    const columns = this.#columns[0];
    if (columns === undefined) return;
    const ends: { y: number; colour: string; words: string }[] = [];
    this.#inPlot((ctx) => {
      ctx.strokeStyle = theme.text;
      ctx.lineWidth = 1.5 * devicePixelRatio;
      ctx.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio]);
      for (const side of ['upper', 'lower'] as const) {
        let last: number | null = null;
        let isDown = false;
        ctx.beginPath();
        for (const [i, second] of columns.t.entries()) {
          const value = triedThreshold(columns, i, side, factor);
          // A lower threshold at zero can never be crossed.
          if (value === null || value <= 0) {
            isDown = false;
            continue;
          }
          const x = this.#plot.valToPos(second, 'x', true);
          const y = this.#plot.valToPos(value, 'y', true);
          if (isDown) ctx.lineTo(x, y);
          else ctx.moveTo(x, y);
          isDown = true;
          last = value;
        }
        ctx.stroke();
        if (last !== null) {
          const words = `${name} ${briefReading(source.signal, last)}${source.signal === 'volume' ? '/s' : ''}`;
          ends.push({ y: this.#plot.valToPos(last, 'y', true), colour: theme.text, words });
        }
      }
    });
    this.#nameEnds(ends);
  }

  #drawLineNames(): void {
    const { source, theme } = this.#options;
    this.#nameEnds(
      source.lines.flatMap(({ label, colour }, line) => {
        const value = this.#columns[line]?.value.findLast((one) => one !== null);
        if (value === undefined || value === null) return [];
        return {
          y: this.#plot.valToPos(value, 'y', true),
          colour: colour === null ? theme.line : theme.clusters[colour % theme.clusters.length]!,
          words: `${label} ${briefReading(source.signal, value)}`,
        };
      }),
    );
  }

  /** Words in the gutter, each at its height; those that would lie on each other are pushed down. */
  #nameEnds(ends: readonly { readonly y: number; readonly colour: string; readonly words: string }[]): void {
    const { ctx, bbox } = this.#plot;
    const lineHeight = 14 * devicePixelRatio;
    let lowest = Number.NEGATIVE_INFINITY;
    ctx.save();
    ctx.font = this.#scaledFont();
    ctx.textAlign = 'left';
    ctx.textBaseline = 'middle';
    for (const { y, colour, words } of ends.toSorted((a, b) => a.y - b.y)) {
      lowest = Math.max(y, lowest + lineHeight);
      ctx.fillStyle = colour;
      ctx.fillText(words, bbox.left + bbox.width + 8 * devicePixelRatio, lowest);
    }
    ctx.restore();
  }

  /** Draws clipped to the plot; uPlot leaves alignment and dashes as its axes needed them. */
  #inPlot(paint: (ctx: CanvasRenderingContext2D) => void): void {
    const { ctx, bbox } = this.#plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.font = this.#scaledFont();
    ctx.setLineDash([]);
    paint(ctx);
    ctx.restore();
  }

  #scaledFont(): string {
    const { font } = this.#options.theme;
    return font.replace(/^(\d+)px/, (_, px: string) => `${Math.round(Number(px) * devicePixelRatio)}px`);
  }

  #valueAt(second: number): number | null {
    const { stepSeconds } = this.#options.source;
    const columns = this.#columns[0];
    const first = columns?.t[0];
    if (columns === undefined || first === undefined) return null;
    return columns.value[Math.floor((second - first) / stepSeconds)] ?? null;
  }

  #reportCursor(): void {
    const { idx, left } = this.#plot.cursor;
    const hidden = idx === null || idx === undefined || left === undefined || left < 0;
    this.#options.onCursor(hidden ? null : this.#cursorAt(idx));
  }

  #cursorAt(index: number): PlotCursor | null {
    const second = this.#columns[0]?.t[index];
    if (second === undefined) return null;
    return {
      second,
      left: this.#plot.over.offsetLeft + this.#plot.valToPos(second, 'x'),
      lines: this.#columns.map(({ value, mean, lower, upper }) => ({
        value: value[index] ?? null,
        mean: mean[index] ?? null,
        lower: lower[index] ?? null,
        upper: upper[index] ?? null,
      })),
    };
  }
}
