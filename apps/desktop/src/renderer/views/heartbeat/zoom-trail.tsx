import { useConsole, useView } from '../../stores/use-console.ts';
import type { ViewWindow } from '../../stores/view-window.ts';
import { duration } from '../../words/duration.ts';

/** The last of the way only: the rest is a number. */
const SHOWN_STEPS = 4;

/** How one came to this zoom, `1 h › 12 m › 1 m 30 s`; each step leads back. */
export function ZoomTrail() {
  const console = useConsole();
  const stack = useView((view) => view.zoomStack);
  const window = useView((view) => view.window);
  const hidden = Math.max(0, stack.length - SHOWN_STEPS);
  return (
    <nav aria-label="Zooms" className="flex shrink-0 items-center gap-1 text-xs text-text-3">
      {hidden > 0 && <span>{hidden} …</span>}
      {stack.slice(hidden).map((step, i) => (
        // A trail only grows and shrinks at its end: the place is what a step is.
        <span className="flex items-center gap-1" key={hidden + i}>
          <button
            className="h-6 rounded-sm px-1 underline decoration-dotted underline-offset-2 hover:text-text-1"
            type="button"
            onClick={() => console.brush.zoomBackTo(hidden + i)}
          >
            {widthWords(step)}
          </button>
          <span aria-hidden="true">›</span>
        </span>
      ))}
      <span aria-current="location" className="font-semibold text-text-1">
        {widthWords(window)}
      </span>
    </nav>
  );
}

function widthWords(window: ViewWindow): string {
  return duration(window.type === 'live' ? window.seconds * 1000 : window.toMs - window.fromMs);
}
