import { BrushLayer } from '../../charts/brush-layer.tsx';
import type { HeartbeatPlot } from '../../charts/heartbeat-plot.ts';
import type { FeedSource } from '../../stores/plot-sources.ts';
import { useConsole, useView } from '../../stores/use-console.ts';
import { secondOf } from '../../words/clock.ts';
import { selectionFacts } from './selection-facts.ts';

/** When the hand let go, for the first row of the explanation: measured against it (goal P9). */
export const RELEASED_MARK = 'explain:asked';

interface BrushOverlayProps {
  readonly plot: HeartbeatPlot;
  readonly source: FeedSource;
  /** A stretch has been chosen: a chart outside of the full view leads there. */
  readonly onSelected?: () => void;
}

/** The hand on the chart, tied to what the console knows. */
export function BrushOverlay({ plot, source, onSelected }: BrushOverlayProps) {
  const console = useConsole();
  const { brush } = console;
  const selection = useView((view) => view.selection);
  const baselines = useView((view) => view.baselines);
  const clock = useView((view) => view.preferences.clock);
  return (
    <BrushLayer
      baselines={selection === null ? NONE : baselines}
      describe={(span) => selectionFacts(source, span)}
      plot={plot}
      selection={selection}
      stepMs={source.stepSeconds * 1000}
      timeWords={(atMs) => secondOf(atMs, clock)}
      onAdjust={(span) => brush.adjust(span)}
      onBaseline={(span) => console.patchView({ against: { type: 'range', span } })}
      onClick={(atMs) => console.chart?.putCursor(atMs)}
      onHold={() => brush.hold()}
      onLetGo={() => brush.release()}
      onSelect={(span) => {
        performance.mark(RELEASED_MARK);
        brush.select(span, true);
        onSelected?.();
      }}
      onSlide={(span) => brush.slideTo(span)}
      onZoom={(span) => brush.zoomTo(span)}
    />
  );
}

const NONE: readonly [] = [];
