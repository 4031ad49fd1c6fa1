/** A stretch of time; what is brushed is time and never pixels, so it stays where it is while the chart moves. */
export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A press that moves less than this was a click (ux §2.7). */
const DRAG_PX = 6;

export type BrushMode = 'select' | 'edge' | 'zoom' | 'pan';

export interface Press {
  readonly x: number;
  readonly atMs: number;
  readonly button: number;
  readonly shift: boolean;
  readonly alt: boolean;
  /** How much time a pixel is worth. */
  readonly msPerPx: number;
}

/** What a drag shows while it goes on. */
export type DragPreview =
  | { readonly type: 'range'; readonly mode: 'select' | 'edge' | 'zoom'; readonly span: TimeSpan }
  /** The window moves by so much since the press; positive is towards the past's right, that is later. */
  | { readonly type: 'pan'; readonly byMs: number };

/** What a drag came to. */
export type DragEnd =
  | { readonly type: 'select' | 'zoom'; readonly span: TimeSpan }
  | { readonly type: 'pan' }
  /** Pressed and let go in one place. */
  | { readonly type: 'click'; readonly atMs: number }
  | { readonly type: 'none' };

/** Whole buckets around a stretch: at least one. */
export function snapped({ fromMs, toMs }: TimeSpan, stepMs: number): TimeSpan {
  const from = Math.floor(Math.min(fromMs, toMs) / stepMs) * stepMs;
  const to = Math.ceil(Math.max(fromMs, toMs) / stepMs) * stepMs;
  return { fromMs: from, toMs: Math.max(to, from + stepMs) };
}

/** The selection with the edge that is nearer moved to a moment; it grows or shrinks, and never turns inside out. */
export function withNearerEdgeAt(span: TimeSpan, atMs: number, stepMs: number): TimeSpan {
  return Math.abs(atMs - span.fromMs) <= Math.abs(atMs - span.toMs)
    ? withEdgeAt(span, 'from', atMs, stepMs)
    : withEdgeAt(span, 'to', atMs, stepMs);
}

/** The selection with one edge moved to a moment, at least a bucket away from the other. */
export function withEdgeAt(span: TimeSpan, edge: 'from' | 'to', atMs: number, stepMs: number): TimeSpan {
  return edge === 'from'
    ? { ...span, fromMs: Math.min(Math.floor(atMs / stepMs) * stepMs, span.toMs - stepMs) }
    : { ...span, toMs: Math.max(Math.ceil(atMs / stepMs) * stepMs, span.fromMs + stepMs) };
}

/**
 * One pointer on the plot, from press to release. Shift zooms, Alt moves the nearer edge of what is selected, the middle
 * button pans, anything else brushes.
 */
export class BrushGesture {
  #press: (Press & { readonly mode: BrushMode }) | null = null;
  #selection: TimeSpan | null = null;
  #preview: DragPreview | null = null;

  get isPressed(): boolean {
    return this.#press !== null;
  }

  get isDragging(): boolean {
    return this.#preview !== null;
  }

  /** False when the press is none of ours. */
  press(press: Press, selection: TimeSpan | null): boolean {
    if (this.#press !== null || press.button > 1) return false;
    this.#press = { ...press, mode: modeOf(press, selection) };
    this.#selection = selection;
    this.#preview = null;
    return true;
  }

  /** Null while it is not a drag yet. */
  move(x: number, atMs: number, stepMs: number): DragPreview | null {
    const press = this.#press;
    if (press === null) return null;
    if (this.#preview === null && Math.abs(x - press.x) < DRAG_PX) return null;
    this.#preview = this.#previewAt(press, x, atMs, stepMs);
    return this.#preview;
  }

  release(): DragEnd {
    const press = this.#press;
    const preview = this.#preview;
    this.cancel();
    if (press === null) return { type: 'none' };
    if (preview === null) return press.button === 0 ? { type: 'click', atMs: press.atMs } : { type: 'none' };
    if (preview.type === 'pan') return { type: 'pan' };
    return { type: preview.mode === 'zoom' ? 'zoom' : 'select', span: preview.span };
  }

  /** Esc, or a pointer that was taken away: as if nothing had been pressed. */
  cancel(): void {
    this.#press = null;
    this.#selection = null;
    this.#preview = null;
  }

  #previewAt(press: Press & { readonly mode: BrushMode }, x: number, atMs: number, stepMs: number): DragPreview {
    switch (press.mode) {
      case 'pan':
        // Measured in pixels: the window moves under the pointer, so the moment under it stays the same.
        return { type: 'pan', byMs: (press.x - x) * press.msPerPx };
      case 'edge':
        return {
          type: 'range',
          mode: 'edge',
          span: withNearerEdgeAt(this.#selection ?? { fromMs: press.atMs, toMs: press.atMs }, atMs, stepMs),
        };
      case 'zoom':
      case 'select':
        return { type: 'range', mode: press.mode, span: snapped({ fromMs: press.atMs, toMs: atMs }, stepMs) };
      default:
        return press.mode satisfies never;
    }
  }
}

function modeOf({ button, shift, alt }: Press, selection: TimeSpan | null): BrushMode {
  if (button === 1) return 'pan';
  if (shift) return 'zoom';
  return alt && selection !== null ? 'edge' : 'select';
}
