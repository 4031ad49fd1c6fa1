import { useEffect, useRef, type KeyboardEvent } from 'react';
import { BrushGesture, withEdgeAt, type DragEnd, type DragPreview, type TimeSpan } from './brush-gesture.ts';
import type { HeartbeatPlot } from './heartbeat-plot.ts';
import './brush.css';

/** A turn of the wheel makes the window so much narrower or wider; a notch is 100 px in every browser. */
const WHEEL_FACTOR_PER_PX = 1.0022;
/** A touchpad's fling in one event must not leave the window at its limit. */
const MAX_WHEEL_PX = 240;

export interface BrushLayerProps {
  readonly plot: HeartbeatPlot;
  readonly stepMs: number;
  readonly selection: TimeSpan | null;
  /** Stretches that the selection is compared with. */
  readonly baselines: readonly TimeSpan[];
  /** `18,402 lines, +312 % against expected` */
  readonly describe: (span: TimeSpan) => string;
  /** `14:02:05` */
  readonly timeWords: (atMs: number) => string;
  /** A pointer is down on the plot: the axis holds still. */
  readonly onHold: () => void;
  /** The pointer is up, whatever came of it. */
  readonly onLetGo: () => void;
  readonly onSelect: (span: TimeSpan) => void;
  /** An edge has been moved. */
  readonly onAdjust: (span: TimeSpan) => void;
  readonly onBaseline: (span: TimeSpan) => void;
  readonly onZoom: (span: TimeSpan) => void;
  /** The window goes along with a drag or a wheel. */
  readonly onSlide: (span: TimeSpan) => void;
  readonly onClick: (atMs: number) => void;
}

/** Everything that a hand does on the plot: brushing, edges, zoom and pan. It draws by hand, once a frame. */
export function BrushLayer(props: BrushLayerProps) {
  const { plot, selection, baselines } = props;
  const label = useRef<HTMLParagraphElement>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    const { surface } = plot;
    const gesture = new BrushGesture();
    let windowAtPress: TimeSpan = { fromMs: 0, toMs: 0 };
    let atX = 0;

    const show = (preview: DragPreview | null) => {
      if (preview?.type === 'pan') {
        const { fromMs, toMs } = windowAtPress;
        latest.current.onSlide({ fromMs: fromMs + preview.byMs, toMs: toMs + preview.byMs });
        return;
      }
      plot.setSelection(preview?.span ?? latest.current.selection);
      writeLabel(label.current, plot, preview?.span ?? null, preview?.mode === 'zoom', latest.current);
    };
    const end = (outcome: DragEnd) => {
      surface.classList.remove('brushing');
      writeLabel(label.current, plot, null, false, latest.current);
      const { onSelect, onZoom, onClick, onLetGo } = latest.current;
      if (outcome.type === 'select') onSelect(outcome.span);
      else {
        plot.setSelection(latest.current.selection);
        if (outcome.type === 'zoom') onZoom(outcome.span);
        if (outcome.type === 'click') onClick(outcome.atMs);
      }
      onLetGo();
    };
    const cancel = () => {
      if (!gesture.isPressed) return;
      gesture.cancel();
      end({ type: 'none' });
    };

    const onPointerDown = (event: PointerEvent) => {
      const { msPerPx } = plot;
      const { button, shiftKey: shift, altKey: alt, clientX: x } = event;
      const atMs = plot.timeAt(x);
      if (!gesture.press({ x, atMs, button, shift, alt, msPerPx }, latest.current.selection)) return;
      // The middle button would start the browser's own scrolling.
      if (button === 1) event.preventDefault();
      const { left, width } = surface.getBoundingClientRect();
      windowAtPress = { fromMs: plot.timeAt(left), toMs: plot.timeAt(left + width) };
      atX = x;
      surface.setPointerCapture(event.pointerId);
      latest.current.onHold();
    };
    const onPointerMove = (event: PointerEvent) => {
      if (!gesture.isPressed) return;
      atX = event.clientX;
      const preview = gesture.move(atX, plot.timeAt(atX), latest.current.stepMs);
      if (preview === null) return;
      surface.classList.add('brushing');
      show(preview);
    };
    const onPointerUp = () => {
      if (gesture.isPressed) end(gesture.release());
    };
    const onKeyDown = (event: globalThis.KeyboardEvent) => {
      if (event.key !== 'Escape' || !gesture.isPressed) return;
      event.preventDefault();
      event.stopPropagation();
      cancel();
    };
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      // Ctrl and the wheel would zoom the page.
      event.preventDefault();
      const px = Math.min(MAX_WHEEL_PX, Math.max(-MAX_WHEEL_PX, event.deltaY));
      const { left, width } = surface.getBoundingClientRect();
      latest.current.onSlide(
        zoomedAround(
          plot.timeAt(left),
          plot.timeAt(left + width),
          plot.timeAt(event.clientX),
          WHEEL_FACTOR_PER_PX ** px,
        ),
      );
    };
    surface.addEventListener('pointerdown', onPointerDown);
    surface.addEventListener('pointermove', onPointerMove);
    surface.addEventListener('pointerup', onPointerUp);
    surface.addEventListener('pointercancel', cancel);
    surface.addEventListener('wheel', onWheel, { passive: false });
    window.addEventListener('keydown', onKeyDown, { capture: true });
    return () => {
      surface.removeEventListener('pointerdown', onPointerDown);
      surface.removeEventListener('pointermove', onPointerMove);
      surface.removeEventListener('pointerup', onPointerUp);
      surface.removeEventListener('pointercancel', cancel);
      surface.removeEventListener('wheel', onWheel);
      window.removeEventListener('keydown', onKeyDown, { capture: true });
      plot.setSelection(null);
    };
  }, [plot]);

  useEffect(() => plot.setBaselines(baselines), [plot, baselines]);
  useEffect(() => plot.setSelection(selection), [plot, selection]);

  return (
    <>
      <p className="brush-label" hidden ref={label} />
      {selection !== null && (
        <>
          <SpanBadge left="Selection" plot={plot} span={selection} />
          <EdgeGrip edge="from" {...props} selection={selection} />
          <EdgeGrip edge="to" {...props} selection={selection} />
          {baselines.map((baseline) => (
            <BaselineBadge key={`${baseline.fromMs}-${baseline.toMs}`} {...props} baseline={baseline} />
          ))}
        </>
      )}
    </>
  );
}

/** Narrower or wider by a factor, with one moment staying where it is on the screen. */
export function zoomedAround(fromMs: number, toMs: number, atMs: number, factor: number): TimeSpan {
  return { fromMs: atMs - (atMs - fromMs) * factor, toMs: atMs + (toMs - atMs) * factor };
}

function writeLabel(
  label: HTMLElement | null,
  plot: HeartbeatPlot,
  span: TimeSpan | null,
  isZoom: boolean,
  { describe, timeWords }: BrushLayerProps,
): void {
  if (label === null) return;
  label.hidden = span === null;
  if (span === null) return;
  const range = `${timeWords(span.fromMs)} – ${timeWords(span.toMs)}`;
  label.textContent = isZoom ? `Zoom to ${range}` : `${range} · ${describe(span)}`;
  const { left, width } = plot.area;
  const middle = (plot.leftOf(span.fromMs) + plot.leftOf(span.toMs)) / 2 - label.offsetWidth / 2;
  label.style.transform = `translateX(${Math.round(Math.max(left, Math.min(left + width - label.offsetWidth, middle)))}px)`;
}

/** Moves an element to a place on the plot after every frame; out of sight it is not there. */
function useOnPlot(plot: HeartbeatPlot, place: () => { readonly leftPx: number; readonly isInside: boolean }) {
  const element = useRef<HTMLDivElement>(null);
  const latest = useRef(place);
  useEffect(() => {
    latest.current = place;
  });
  useEffect(
    () =>
      plot.onFrame(() => {
        if (element.current === null) return;
        const { leftPx, isInside } = latest.current();
        element.current.style.visibility = isInside ? 'visible' : 'hidden';
        element.current.style.transform = `translateX(${leftPx.toFixed(1)}px)`;
      }),
    [plot],
  );
  return element;
}

const clampedLeft = (plot: HeartbeatPlot, { fromMs, toMs }: TimeSpan) => {
  const { left, width } = plot.area;
  const from = plot.leftOf(fromMs);
  return { leftPx: Math.max(left, from), isInside: from < left + width && plot.leftOf(toMs) > left };
};

function SpanBadge({
  plot,
  span,
  left,
}: {
  readonly plot: HeartbeatPlot;
  readonly span: TimeSpan;
  readonly left: string;
}) {
  const element = useOnPlot(plot, () => clampedLeft(plot, span));
  return (
    <div className="span-badge span-badge-selection" ref={element}>
      {left}
    </div>
  );
}

/** The stretch that the selection is compared with; dragged elsewhere, another one is. */
function BaselineBadge({
  plot,
  baseline,
  stepMs,
  onBaseline,
  onHold,
  onLetGo,
}: BrushLayerProps & { readonly baseline: TimeSpan }) {
  const element = useOnPlot(plot, () => clampedLeft(plot, baseline));
  const grabbed = useRef<{ readonly atMs: number; readonly span: TimeSpan } | null>(null);
  const moved = (clientX: number): TimeSpan | null => {
    if (grabbed.current === null) return null;
    const { atMs, span } = grabbed.current;
    const by = Math.round((plot.timeAt(clientX) - atMs) / stepMs) * stepMs;
    return { fromMs: span.fromMs + by, toMs: span.toMs + by };
  };
  return (
    <div
      className="span-badge span-badge-baseline"
      ref={element}
      title="What the selection is compared with: drag it to compare with another stretch"
      onLostPointerCapture={() => {
        grabbed.current = null;
        plot.setBaselines([baseline]);
        onLetGo();
      }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        grabbed.current = { atMs: plot.timeAt(event.clientX), span: baseline };
        onHold();
      }}
      onPointerMove={(event) => {
        const span = moved(event.clientX);
        if (span !== null) plot.setBaselines([span]);
      }}
      onPointerUp={(event) => {
        const span = moved(event.clientX);
        if (span !== null && span.fromMs !== baseline.fromMs) onBaseline(span);
      }}
    >
      Baseline
    </div>
  );
}

/** An edge of the selection, 12 px wide for the hand and a slider for the keyboard. */
function EdgeGrip({
  plot,
  selection,
  edge,
  stepMs,
  timeWords,
  describe,
  onAdjust,
  onHold,
  onLetGo,
}: BrushLayerProps & { readonly selection: TimeSpan; readonly edge: 'from' | 'to' }) {
  const atMs = edge === 'from' ? selection.fromMs : selection.toMs;
  const dragged = useRef<TimeSpan | null>(null);
  const element = useOnPlot(plot, () => {
    const { left, width } = plot.area;
    const span = dragged.current ?? selection;
    const leftPx = plot.leftOf(edge === 'from' ? span.fromMs : span.toMs);
    return { leftPx, isInside: leftPx >= left - 1 && leftPx <= left + width + 1 };
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const buckets = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (buckets === undefined) return;
    event.preventDefault();
    onAdjust(withEdgeAt(selection, edge, atMs + buckets * stepMs * (event.shiftKey ? 10 : 1), stepMs));
  };
  return (
    <div
      aria-label={edge === 'from' ? 'Start of the range' : 'End of the range'}
      aria-valuemax={edge === 'from' ? selection.toMs - stepMs : selection.toMs + 86_400_000}
      aria-valuemin={edge === 'from' ? selection.fromMs - 86_400_000 : selection.fromMs + stepMs}
      aria-valuenow={atMs}
      aria-valuetext={`${timeWords(atMs)}, ${describe(selection)}`}
      className="edge-grip"
      ref={element}
      role="slider"
      tabIndex={0}
      onKeyDown={onKeyDown}
      onLostPointerCapture={() => {
        dragged.current = null;
        plot.setSelection(selection);
        onLetGo();
      }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        dragged.current = selection;
        onHold();
      }}
      onPointerMove={(event) => {
        if (dragged.current === null) return;
        dragged.current = withEdgeAt(selection, edge, plot.timeAt(event.clientX), stepMs);
        plot.setSelection(dragged.current);
      }}
      onPointerUp={() => {
        if (dragged.current !== null) onAdjust(dragged.current);
      }}
    />
  );
}
