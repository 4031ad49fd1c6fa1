import { Button } from '../../components/button.tsx';
import { useCommand } from '../../commands/keyboard.tsx';
import type { FeedSource } from '../../stores/plot-sources.ts';
import { useConsole, useView } from '../../stores/use-console.ts';
import type { Span } from '../../stores/view-window.ts';
import { secondOf } from '../../words/clock.ts';
import { duration } from '../../words/duration.ts';
import { selectionFacts } from './selection-facts.ts';

/** What a dragged range holds, in one line, and what can be done with it. */
export function SelectionStrip({ selection, source }: { readonly selection: Span; readonly source: FeedSource }) {
  const console = useConsole();
  const clock = useView((view) => view.preferences.clock);
  const zoom = useCommand('zoom.in');
  return (
    <div className="flex min-h-9 items-center gap-3 border-t border-line-1 px-3 text-xs text-text-2" role="status">
      <strong className="font-semibold whitespace-nowrap text-text-1">
        {secondOf(selection.fromMs, clock)} – {secondOf(selection.toMs, clock)}
      </strong>
      <span className="whitespace-nowrap">{duration(selection.toMs - selection.fromMs)}</span>
      <span className="min-w-0 flex-1 truncate">{selectionFacts(source, selection)}</span>
      <Button size="small" title={zoom.label} onClick={zoom.command.run}>
        Zoom to it <kbd className="key">{zoom.label}</kbd>
      </Button>
      <Button look="quiet" size="small" onClick={() => console.patchView({ selection: null })}>
        Clear <kbd className="key">Esc</kbd>
      </Button>
    </div>
  );
}
