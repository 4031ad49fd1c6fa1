import { Button } from '../../components/button.tsx';
import { LogText } from '../../components/log-text.tsx';
import type { FeedLine, FoldedLine } from '../../stores/line-feed.ts';
import { useConsole, useView } from '../../stores/use-console.ts';
import { momentOf, secondOf } from '../../words/clock.ts';
import { LEVEL_COLOURS } from '../../words/level-colours.ts';
import { exactly } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';

interface FeedRowProps {
  readonly row: FoldedLine;
  readonly index: number;
  readonly code: string | null;
  readonly chosen: boolean;
  readonly isFolded: boolean;
  readonly isWrapped: boolean;
  readonly onPress: () => void;
}

export function FeedRow({ row, index, code, chosen, isFolded, isWrapped, onPress }: FeedRowProps) {
  const clock = useView((view) => view.preferences.clock);
  const { line, count, id } = row;
  return (
    <div
      aria-rowindex={index + 1}
      aria-selected={chosen}
      className={`feed-row ${isWrapped ? 'feed-row-wrapped' : ''}`}
      id={`line-${id}`}
      role="row"
      onClick={() => {
        // A click that ends a selection of text is no press.
        if (document.getSelection()?.isCollapsed !== false) onPress();
      }}
    >
      <time className="text-text-3" role="gridcell">
        {secondOf(line.at_ms, clock)}
      </time>
      <span className={`font-semibold uppercase ${LEVEL_COLOURS[line.level]}`} role="gridcell">
        {line.level}
      </span>
      <span className="truncate text-text-2" role="gridcell">
        {code !== null && `${code} `}
        {visibleText(line.service)}
      </span>
      <span className="text-right font-semibold text-text-1" role="gridcell">
        {isFolded && `×${exactly(count)}`}
      </span>
      <span className="feed-message text-text-1" role="gridcell">
        <LogText text={line.message} />
      </span>
    </div>
  );
}

interface LineDetailProps {
  readonly one: FeedLine;
  readonly onClose: () => void;
  readonly onCopy: () => void;
  readonly onExplain: () => void;
  readonly onPage: () => void;
}

/** One line in full, and where it leads. */
export function LineDetail({ one, onClose, onCopy, onExplain, onPage }: LineDetailProps) {
  const console = useConsole();
  const clock = useView((view) => view.preferences.clock);
  const { line, agentId } = one;
  return (
    <section aria-label="Line" className="max-h-60 shrink-0 overflow-y-auto border-t border-line-1 bg-bg-0 p-3 text-xs">
      <p className="mb-2 flex flex-wrap items-center gap-x-3 text-text-3">
        <span>{momentOf(line.at_ms, clock, console.now())}</span>
        <span className={`font-semibold uppercase ${LEVEL_COLOURS[line.level]}`}>{line.level}</span>
        <span className="text-text-1">
          {visibleText(line.service)}@{console.agent(agentId)?.saved.code ?? ''}
        </span>
        {line.trace_id !== undefined && (
          <span className="font-mono">
            trace <LogText text={line.trace_id} />
          </span>
        )}
      </p>
      <pre className="font-mono text-xs leading-5 break-words whitespace-pre-wrap text-text-1">
        <LogText text={line.message} />
      </pre>
      <div className="mt-2 flex gap-2">
        <Button size="small" onClick={onExplain}>
          Explain ±60 s <kbd className="key">e</kbd>
        </Button>
        <Button
          disabledReason={line.template_id === null ? 'its pattern is not known yet' : null}
          size="small"
          onClick={onPage}
        >
          Pattern <kbd className="key">o</kbd>
        </Button>
        <Button size="small" onClick={onCopy}>
          Copy line
        </Button>
        <Button look="quiet" size="small" onClick={onClose}>
          Close <kbd className="key">Esc</kbd>
        </Button>
      </div>
    </section>
  );
}
