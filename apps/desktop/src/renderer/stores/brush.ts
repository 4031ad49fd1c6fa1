import type { Anomaly } from '@sentinellog/shared';
import type { StoreApi } from 'zustand/vanilla';
import type { ViewState } from './view-store.ts';
import { TIME_RANGES, timeRange, type TimeRangeId } from './time-range.ts';
import { zoomedTo, type Span, type ViewWindow } from './view-window.ts';

/** How many steps back `-` remembers. */
const MAX_ZOOM_STEPS = 20;
/** Turns of a wheel, and moves of one drag, that follow each other this closely are one step to go back by. */
const SAME_GESTURE_MS = 700;
/** A deviation is brushed with this much before it, so that one sees it leave the band. */
const LEAD_BUCKETS = 1;

export interface BrushHost {
  readonly view: StoreApi<ViewState>;
  readonly now: () => number;
  /** Where "now" is drawn. */
  readonly edgeMs: () => number;
  readonly cursorMs: () => number | null;
  readonly setRange: (rangeId: TimeRangeId) => void;
  readonly announce: (text: string) => void;
}

/** What is brushed on the chart, how the chart is held meanwhile, and the zooms that were looked at. */
export class Brush {
  readonly #host: BrushHost;
  readonly #view: StoreApi<ViewState>;

  constructor(host: BrushHost) {
    this.#host = host;
    this.#view = host.view;
  }

  get #stepMs(): number {
    return timeRange(this.#view.getState().rangeId).stepSeconds * 1000;
  }

  // What is brushed

  /** Selects a stretch of time; with `explain` the panel says what it is made of. */
  select(selection: Span | null, explain = false): void {
    this.#view.setState({
      selection,
      brushAnchorMs: null,
      against: null,
      explaining: selection !== null && (explain || this.#view.getState().explaining),
    });
  }

  /** An edge is moved while somebody looks at the explanation. */
  adjust(selection: Span): void {
    this.#view.setState({ selection });
  }

  explain(explaining = true): void {
    this.#view.setState({ explaining: explaining && this.#view.getState().selection !== null });
  }

  /** Exactly the time that an anomaly was outside its band. */
  selectDeviation(anomaly: Pick<Anomaly, 'started_at_ms' | 'ended_at_ms' | 'last_outside_ms' | 'receipt'>): void {
    const stepMs = this.#stepMs;
    const endMs = anomaly.ended_at_ms ?? anomaly.last_outside_ms + anomaly.receipt.window_seconds * 1000;
    this.lookAt({
      fromMs: (Math.floor(anomaly.started_at_ms / stepMs) - LEAD_BUCKETS) * stepMs,
      toMs: Math.max(Math.ceil(endMs / stepMs), Math.floor(anomaly.started_at_ms / stepMs) + 1) * stepMs,
    });
  }

  /** Selects and explains a stretch that may lie further back than the chart reaches: the range grows until it does. */
  lookAt(span: Span): void {
    this.reach(span.fromMs);
    const stepMs = this.#stepMs;
    this.select(
      { fromMs: Math.floor(span.fromMs / stepMs) * stepMs, toMs: Math.ceil(span.toMs / stepMs) * stepMs },
      true,
    );
    this.#view.setState({ view: 'heartbeat' });
  }

  /** Chooses the shortest range that reaches back to a moment, unless the present one does. */
  reach(fromMs: number): void {
    const reaches = (seconds: number) => this.#host.edgeMs() - seconds * 1000 <= fromMs;
    const { rangeId } = this.#view.getState();
    if (reaches(timeRange(rangeId).seconds)) return;
    const wider = TIME_RANGES.find(({ seconds }) => reaches(seconds));
    if (wider !== undefined) this.#host.setRange(wider.id);
  }

  // By keyboard

  /** `v`: starts a range at the cursor, or ends it where the cursor is. */
  toggle(): void {
    const { brushAnchorMs } = this.#view.getState();
    if (brushAnchorMs !== null) {
      this.#view.setState({ brushAnchorMs: null });
      this.#host.announce('Range ended. Enter explains it, Escape lets it go');
      return;
    }
    const cursorMs = this.#host.cursorMs();
    if (cursorMs === null) {
      this.#host.announce('Put the cursor on the chart first: arrow keys');
      return;
    }
    this.#view.setState({
      brushAnchorMs: cursorMs,
      selection: { fromMs: cursorMs, toMs: cursorMs + this.#stepMs },
      explaining: false,
      against: null,
    });
    this.#host.announce('Range started: arrow keys extend it, v ends it, Enter explains it');
  }

  /** The cursor has moved: a range that was started goes along. */
  follow(): void {
    const { brushAnchorMs } = this.#view.getState();
    const cursorMs = this.#host.cursorMs();
    if (brushAnchorMs === null || cursorMs === null) return;
    this.#view.setState({
      selection: {
        fromMs: Math.min(brushAnchorMs, cursorMs),
        toMs: Math.max(brushAnchorMs, cursorMs) + this.#stepMs,
      },
    });
  }

  // While a pointer is down

  hold(): void {
    const { window } = this.#view.getState();
    if (window.type === 'fixed' && window.by !== 'hover') return;
    const edgeMs = this.#host.edgeMs();
    const span = window.type === 'fixed' ? window : { fromMs: edgeMs - window.seconds * 1000, toMs: edgeMs };
    this.#view.setState({
      window: { type: 'fixed', fromMs: span.fromMs, toMs: span.toMs, sinceMs: this.#host.now(), by: 'drag' },
    });
  }

  /** The pointer is up: what touches the live edge stays on the screen, everything else moves on once the pointer leaves. */
  release(): void {
    const { window, selection } = this.#view.getState();
    if (window.type !== 'fixed' || window.by !== 'drag') return;
    const touchesEdge = selection !== null && selection.toMs >= window.toMs - this.#stepMs;
    this.#view.setState({ window: { ...window, by: touchesEdge ? 'key' : 'hover' } });
  }

  // Zoom

  /** Moves or narrows the window as part of one gesture: `-` goes back to where the gesture began. */
  slideTo(span: Span): void {
    const { window: before, zoomStack } = this.#view.getState();
    const window = zoomedTo(this.#within(span), this.#host.now());
    const goesOn =
      before.type === 'fixed' && before.by === 'zoom' && this.#host.now() - before.sinceMs < SAME_GESTURE_MS;
    this.#view.setState({ window, ...(goesOn ? {} : { zoomStack: pushed(zoomStack, before) }) });
  }

  zoomTo(span: Span): void {
    this.zoom(zoomedTo(span, this.#host.now()));
  }

  zoom(window: ViewWindow): void {
    const { window: before, zoomStack } = this.#view.getState();
    this.#view.setState({ window, zoomStack: pushed(zoomStack, before) });
  }

  /** Back to the window at this place of the trail. */
  zoomBackTo(step: number): void {
    const { zoomStack } = this.#view.getState();
    const window = zoomStack[step];
    if (window !== undefined) this.#view.setState({ window, zoomStack: zoomStack.slice(0, step) });
  }

  /** As wide as it is, but not beyond the range that is loaded nor into the future. */
  #within({ fromMs, toMs }: Span): Span {
    const edgeMs = this.#host.edgeMs();
    const rangeMs = timeRange(this.#view.getState().rangeId).seconds * 1000;
    const widthMs = Math.min(toMs - fromMs, rangeMs);
    const start = Math.min(Math.max(fromMs, edgeMs - rangeMs), edgeMs - widthMs);
    return { fromMs: start, toMs: start + widthMs };
  }
}

/** A window on the trail slides again when one comes back to it, unless it was zoomed to. */
function pushed(zoomStack: readonly ViewWindow[], before: ViewWindow): readonly ViewWindow[] {
  const left: ViewWindow =
    before.type === 'fixed' && (before.by === 'drag' || before.by === 'hover')
      ? { type: 'live', seconds: (before.toMs - before.fromMs) / 1000 }
      : before;
  return [...zoomStack, left].slice(-MAX_ZOOM_STEPS);
}
