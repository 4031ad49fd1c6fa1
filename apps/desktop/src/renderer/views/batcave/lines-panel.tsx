import { useStore } from 'zustand';
import { EmptyWords } from '../../components/empty-words.tsx';
import { LogText } from '../../components/log-text.tsx';
import { useAgents, useConsole, useView } from '../../stores/use-console.ts';
import type { FeedFilter } from '../../stores/view-store.ts';
import { secondOf } from '../../words/clock.ts';
import { LEVEL_COLOURS } from '../../words/level-colours.ts';
import { visibleText } from '../../words/visible-text.ts';
import { rateWords } from '../live-feed/rate-words.ts';
import { useLineFeed } from '../live-feed/use-line-feed.ts';
import { CavePanel } from './cave-panel.tsx';

/** Every line, as a sample that an eye can follow in a panel: the view has the rest. */
const EVERYTHING: FeedFilter = { text: '', levels: [], template: null };
const PER_SECOND = 20;
/** As many as the tallest panel has room for. */
const SHOWN = 60;

/** What comes in right now, newest first: the head of the live feed. */
export function LinesPanel() {
  const console = useConsole();
  const agents = useAgents();
  const clock = useView((view) => view.preferences.clock);
  const feed = useLineFeed(EVERYTHING, PER_SECOND);
  const { lines, matchedPerSecond, sampled } = useStore(feed.state);
  const open = () => console.go('feed');
  return (
    <CavePanel fact={rateWords(matchedPerSecond, sampled)} place="lines" title="Live feed" onOpen={open}>
      {lines.length === 0 ? (
        <EmptyWords title="No line yet">What is shown here is what arrives from now on.</EmptyWords>
      ) : (
        <ol aria-label="Newest lines" className="min-h-0 flex-1 overflow-y-auto py-1" tabIndex={0}>
          {lines
            .slice(-SHOWN)
            .toReversed()
            .map(({ id, agentId, line }) => (
              <li className="flex h-6 min-w-0 items-center gap-2 px-2.5 font-mono text-xs" key={id}>
                <time className="shrink-0 text-text-3">{secondOf(line.at_ms, clock)}</time>
                <span className={`w-9 shrink-0 font-semibold uppercase ${LEVEL_COLOURS[line.level]}`}>
                  {line.level}
                </span>
                <span className="max-w-[18ch] shrink-0 truncate text-text-2">
                  {agents.size > 1 && `${agents.get(agentId)?.saved.code ?? ''} `}
                  {visibleText(line.service)}
                </span>
                <span className="truncate text-text-1" title={visibleText(line.message)}>
                  <LogText text={line.message} />
                </span>
              </li>
            ))}
        </ol>
      )}
    </CavePanel>
  );
}
