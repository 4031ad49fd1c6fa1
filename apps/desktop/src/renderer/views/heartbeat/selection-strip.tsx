import { Button } from '../../components/button.tsx';
import { useCommand } from '../../commands/keyboard.tsx';
import type { FeedSource } from '../../stores/plot-sources.ts';
import { useConsole, useView } from '../../stores/use-console.ts';
import type { Span } from '../../stores/view-window.ts';
import { secondOf } from '../../words/clock.ts';
import { duration } from '../../words/duration.ts';
import { selectionFacts } from './selection-facts.ts';

/** What a brushed range holds, in one line, and what can be done with it. */
export function SelectionStrip({ selection, source }: { readonly selection: Span; readonly source: FeedSource }) {
  const console = useConsole();
  const clock = useView((view) => view.preferences.clock);
  const explaining = useView((view) => view.explaining);
  return (
    <div className="flex min-h-9 items-center gap-2 border-t border-line-1 px-3 text-xs text-text-2">
      <strong className="font-semibold whitespace-nowrap text-text-1">
        {secondOf(selection.fromMs, clock)} – {secondOf(selection.toMs, clock)}
      </strong>
      <span className="whitespace-nowrap">{duration(selection.toMs - selection.fromMs)}</span>
      <span className="min-w-0 flex-1 truncate" role="status">
        {selectionFacts(source, selection)}
      </span>
      {!explaining && <StripButton commandId="explain" words="Explain" />}
      <StripButton commandId="zoom.in" words="Zoom to it" />
      <StripButton commandId="chart.link" words="Copy link" />
      <Button look="quiet" size="small" onClick={() => console.brush.select(null)}>
        Clear <kbd className="key">Esc</kbd>
      </Button>
    </div>
  );
}

function StripButton({ commandId, words }: { readonly commandId: string; readonly words: string }) {
  const { command, label, ariaKeys } = useCommand(commandId);
  return (
    <Button aria-keyshortcuts={ariaKeys} size="small" title={command.title} onClick={command.run}>
      {words} <kbd className="key">{label}</kbd>
    </Button>
  );
}
