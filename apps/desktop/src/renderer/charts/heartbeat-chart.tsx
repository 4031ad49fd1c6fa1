import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import type { Clock } from '../words/clock.ts';
import { ChartTooltip } from './chart-tooltip.ts';
import { readoutOf, spokenReadout } from './chart-readout.ts';
import { readChartTheme } from './chart-theme.ts';
import { useFrameLoop } from './frame-loop-context.ts';
import { HeartbeatPlot, type GhostThreshold, type Leader } from './heartbeat-plot.ts';
import { foldMarkers, labelSide, type Marked } from './marker-lanes.ts';
import { MarkerGlyph } from './marker-glyph.tsx';
import type { LineColumns, PlotSource } from './plot-source.ts';
import { useBoxSize } from './use-box-size.ts';

/** Markers nearer than this share one place; labels nearer than that are left to the tooltip. */
const FOLD_PX = 36;
const LABEL_PX = 76;
/** A pointer that rests on the plot this long wants to read; it is let go when it leaves, or after half a minute. */
const HOVER_HOLD_MS = 250;
const HOVER_LIMIT_MS = 30_000;
/** The cursor speaks once it has come to rest. */
const SPEAK_AFTER_MS = 150;

export interface ChartMarker extends Marked {
  /** `P1 14.2σ` */
  readonly label: string;
  /** Everything about it in one sentence, for assistive technology and on hover. */
  readonly title: string;
  readonly selected: boolean;
  /** A sensitivity that is being tried would not have told of it. */
  readonly vanishes?: boolean;
  /** Only a sensitivity that is being tried would tell of it. */
  readonly isGhost?: boolean;
}

/** What the keyboard can do to the chart. */
export interface ChartHandle {
  moveCursor(buckets: number): void;
  putCursor(atMs: number): void;
  clearCursor(): void;
  cursorMs(): number | null;
  focus(): void;
  /** What is drawn now, a number a bucket. */
  values(): Pick<LineColumns, 'value' | 'lower' | 'upper'>;
}

interface HeartbeatChartProps {
  readonly source: PlotSource;
  readonly clock: Clock;
  /** How wide the window is at the moment, in seconds: decides which markers fold. */
  readonly spanSeconds: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly name: string;
  /** A sentence about the chart as it is now. */
  readonly describe: () => string;
  readonly markers: readonly ChartMarker[];
  /** A threshold that is only tried. */
  readonly ghost: GhostThreshold | null;
  readonly onReady: (handle: ChartHandle | null) => void;
  readonly onHover: (inside: boolean) => void;
  readonly onMarker: (id: string) => void;
  readonly onSpeak: (text: string) => void;
  /** The plot once it stands, for what is laid over it and moves with it; null when it goes. */
  readonly onPlot: (plot: HeartbeatPlot | null) => void;
  /** Laid over the plot: what there is to say when there is nothing to draw. */
  readonly children?: ReactNode;
}

const MARKER_COLOURS = { P1: 'p1', P2: 'p2', P3: 'p3', P4: 'p4' } as const;

/** The heartbeat: mounted once for a source, then drawn by the frame loop without React. */
export function HeartbeatChart(props: HeartbeatChartProps) {
  const { source, clock, spanSeconds, now, name, describe, markers, ghost, children } = props;
  const frames = useFrameLoop();
  const host = useRef<HTMLDivElement>(null);
  const tooltipBox = useRef<HTMLDivElement>(null);
  const lane = useRef<HTMLDivElement>(null);
  const [plot, setPlot] = useState<HeartbeatPlot | null>(null);
  const description = useRef<HTMLParagraphElement>(null);
  const { width, height } = useBoxSize(host);
  const hintId = useId();
  const descriptionId = useId();

  // Handlers change with every render; the plot is made once and asks for the latest of them.
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    const box = host.current;
    const tooltipElement = tooltipBox.current;
    const laneElement = lane.current;
    if (box === null || tooltipElement === null || laneElement === null) return undefined;
    const tooltip = new ChartTooltip(tooltipElement);
    let speak: ReturnType<typeof setTimeout> | undefined;
    const made = new HeartbeatPlot({
      host: box,
      source,
      theme: readChartTheme(document.documentElement),
      clock,
      now,
      onCursor: (cursor) => {
        if (cursor === null) tooltip.hide();
        else tooltip.show(readoutOf(cursor, source, clock), cursor.left);
      },
      onFrame: (place) => placeMarkers(laneElement, place),
    });
    setPlot(made);
    latest.current.onPlot(made);
    latest.current.onReady({
      moveCursor: (buckets) => {
        made.moveCursor(buckets);
        clearTimeout(speak);
        speak = setTimeout(() => {
          const cursor = made.cursor();
          if (cursor !== null) latest.current.onSpeak(spokenReadout(readoutOf(cursor, source, clock)));
        }, SPEAK_AFTER_MS);
      },
      putCursor: (atMs) => made.putCursor(atMs / 1000),
      clearCursor: () => made.clearCursor(),
      cursorMs: () => (made.cursorSecond === null ? null : made.cursorSecond * 1000),
      focus: () => box.focus(),
      values: () => made.values(),
    });
    const stop = frames.add('main', () => made.draw());
    return () => {
      stop();
      clearTimeout(speak);
      latest.current.onReady(null);
      setPlot(null);
      latest.current.onPlot(null);
      made.destroy();
      tooltip.hide();
    };
  }, [source, clock, now, frames]);

  useEffect(() => plot?.resize(width, height), [plot, width, height]);

  useEffect(() => plot?.setGhost(ghost), [plot, ghost]);

  useEffect(() => {
    const theme = getComputedStyle(document.documentElement);
    const leaders = markers.map(
      ({ atMs, direction, severity }): Leader => ({
        atSecond: Math.floor(atMs / 1000),
        direction,
        colour: theme.getPropertyValue(`--color-${MARKER_COLOURS[severity]}`),
      }),
    );
    plot?.setLeaders(leaders);
  }, [plot, markers]);

  const hover = useHoverHold(
    () => latest.current.onHover(true),
    () => latest.current.onHover(false),
  );
  const msPerPx = (spanSeconds * 1000) / Math.max(1, width);
  const groups = foldMarkers(markers, FOLD_PX * msPerPx);

  return (
    <div aria-label={name} className="relative min-h-0 flex-1" role="group">
      <div
        aria-describedby={`${descriptionId} ${hintId}`}
        aria-label={name}
        className="absolute inset-0 rounded-md focus-visible:-outline-offset-2"
        data-plot
        ref={host}
        role="application"
        tabIndex={0}
        onFocus={() => {
          if (description.current !== null) description.current.textContent = describe();
        }}
        {...hover}
      />
      <p className="sr-only" id={descriptionId} ref={description} />
      <p className="sr-only" id={hintId}>
        Arrow keys move the cursor, v starts a range that they extend and Enter explains it, comma and full stop go from
        anomaly to anomaly, Shift+D shows the numbers as a table, Shift+P plays them.
      </p>
      <div className="pointer-events-none absolute inset-0 overflow-hidden" ref={lane}>
        {groups.map((group) => (
          <MarkerButton
            key={group.front.id}
            count={group.members.length}
            marker={group.front}
            side={labelSide(group, groups, LABEL_PX * msPerPx)}
            onPress={() => latest.current.onMarker(group.front.id)}
          />
        ))}
      </div>
      <div className="chart-tooltip" hidden ref={tooltipBox} />
      {children}
    </div>
  );
}

const LABEL_PLACES = { right: '', left: 'absolute right-full pr-0.5' } as const;
const LABEL_COLOURS = { P1: 'text-p1', P2: 'text-p2', P3: 'text-p3', P4: 'text-p4' } as const;

interface MarkerButtonProps {
  readonly marker: ChartMarker;
  readonly count: number;
  /** Where there is room for its label. */
  readonly side: 'right' | 'left' | null;
  readonly onPress: () => void;
}

function MarkerButton({ marker, count, side, onPress }: MarkerButtonProps) {
  const { severity, direction, selected, vanishes = false, isGhost = false } = marker;
  const loud = severity === 'P1' || severity === 'P2';
  const place = direction === 'high' ? 'top-0' : 'chart-lane-low';
  return (
    <button
      aria-pressed={selected}
      className={`group/marker pointer-events-auto absolute left-0 -ml-3 flex h-6 min-w-6 items-center gap-1 rounded-sm px-[5px] text-2xs font-semibold whitespace-nowrap aria-pressed:bg-sel ${vanishes ? 'line-through opacity-60' : ''} ${place}`}
      data-at={marker.atMs}
      data-marker={marker.id}
      data-severity={severity}
      style={UNPLACED}
      title={marker.title}
      type="button"
      onClick={onPress}
    >
      <MarkerGlyph direction={direction} isGhost={isGhost} severity={severity} />
      <span
        className={loud && side !== null && !isGhost ? `${LABEL_PLACES[side]} ${LABEL_COLOURS[severity]}` : 'sr-only'}
      >
        {marker.label}
      </span>{' '}
      {count > 1 && <span className="text-text-1">+{count - 1}</span>} <span className="sr-only">{marker.title}</span>
    </button>
  );
}

/** Until the next frame has placed it, a new marker would stand at the left edge. */
const UNPLACED = { visibility: 'hidden' } as const;

/** Moves the marker buttons to where their moments are now; what is out of sight leaves the tab order as well. */
function placeMarkers(lane: HTMLElement, place: (atMs: number) => number | null): void {
  for (const button of lane.children) {
    if (!(button instanceof HTMLElement)) continue;
    const left = place(Number(button.dataset['at']));
    const visibility = left === null ? 'hidden' : 'visible';
    if (button.style.visibility !== visibility) button.style.visibility = visibility;
    if (left !== null) button.style.transform = `translateX(${left.toFixed(1)}px)`;
  }
}

function useHoverHold(enter: () => void, leave: () => void) {
  const timers = useRef<ReturnType<typeof setTimeout>[]>([]);
  const clear = () => {
    for (const timer of timers.current) clearTimeout(timer);
    timers.current = [];
  };
  useEffect(() => () => timers.current.forEach((timer) => clearTimeout(timer)), []);
  return {
    onPointerEnter: () => {
      clear();
      timers.current = [setTimeout(enter, HOVER_HOLD_MS), setTimeout(leave, HOVER_HOLD_MS + HOVER_LIMIT_MS)];
    },
    onPointerLeave: () => {
      clear();
      leave();
    },
  };
}
