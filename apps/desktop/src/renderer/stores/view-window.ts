/** The narrowest window: below it a chart of one-second buckets has nothing to say. */
const MIN_SECONDS = 30;

/** The stretch of time on the chart: it slides with the clock, or it stands still because somebody wants to look. */
export type ViewWindow =
  | { readonly type: 'live'; readonly seconds: number }
  | {
      readonly type: 'fixed';
      readonly fromMs: number;
      readonly toMs: number;
      /** When it stopped sliding, by the console's clock. */
      readonly sinceMs: number;
      readonly by: 'key' | 'hover' | 'zoom' | 'drag';
    };

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export function spanOf(window: ViewWindow, edgeMs: number): Span {
  return window.type === 'fixed'
    ? { fromMs: window.fromMs, toMs: window.toMs }
    : { fromMs: edgeMs - window.seconds * 1000, toMs: edgeMs };
}

/** Stops the sliding where it is; what already stands still only changes who holds it. */
export function held(window: ViewWindow, edgeMs: number, nowMs: number, by: 'key' | 'hover'): ViewWindow {
  if (window.type === 'fixed') return by === 'key' && window.by === 'hover' ? { ...window, by } : window;
  return { type: 'fixed', ...spanOf(window, edgeMs), sinceMs: nowMs, by };
}

/** Slides again, as wide as it is. */
export function resumed(window: ViewWindow): ViewWindow {
  return window.type === 'live' ? window : { type: 'live', seconds: (window.toMs - window.fromMs) / 1000 };
}

/** Half as wide: around the cursor if there is one, else towards the live edge. */
export function zoomedIn(window: ViewWindow, edgeMs: number, nowMs: number, cursorMs: number | null): ViewWindow {
  const { fromMs, toMs } = spanOf(window, edgeMs);
  const widthMs = Math.max(MIN_SECONDS * 1000, (toMs - fromMs) / 2);
  if (cursorMs === null && window.type === 'live') return { type: 'live', seconds: widthMs / 1000 };
  const centreMs = cursorMs ?? (fromMs + toMs) / 2;
  const start = Math.min(Math.max(centreMs - widthMs / 2, fromMs), toMs - widthMs);
  return zoomedTo({ fromMs: start, toMs: start + widthMs }, nowMs);
}

/** Exactly this stretch, or the narrowest allowed one around its middle. */
export function zoomedTo({ fromMs, toMs }: Span, nowMs: number): ViewWindow {
  const shortMs = Math.max(0, MIN_SECONDS * 1000 - (toMs - fromMs));
  return { type: 'fixed', fromMs: fromMs - shortMs / 2, toMs: toMs + shortMs / 2, sinceMs: nowMs, by: 'zoom' };
}
