import { LEVELS, type Level } from '@sentinellog/shared';
import { useEffect, useRef, useState, type RefObject } from 'react';
import { useStore } from 'zustand';
import { Button } from '../../components/button.tsx';
import { ChoiceBar } from '../../components/choice-bar.tsx';
import { formatLink } from '../../../bridge/link-target.ts';
import { copyText } from '../../components/copy-text.ts';
import { FILTER_FIELD_ID } from '../../commands/incident-commands.ts';
import { foldedByTemplate, type FeedLine, type FoldedLine, type LineFeed } from '../../stores/line-feed.ts';
import { agentsInScope } from '../../stores/scope.ts';
import { useAgents, useConsole, useView } from '../../stores/use-console.ts';
import { exactly, plural } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';
import { scrollIntoView, useWindowedRows } from '../incidents/windowed-rows.ts';
import { ViewTitle } from '../shell/view-title.tsx';
import { FeedRow, LineDetail } from './feed-row.tsx';
import { rateWords } from './rate-words.ts';
import { useLineFeed } from './use-line-feed.ts';
import './feed.css';

const ROW_HEIGHT = 24;
/** Three lines of text: enough for most messages, and of one height, so that a screenful stays a screenful. */
const WRAPPED_ROW_HEIGHT = 54;
/** Scrolling further up than this is reading, not a twitch (ux §2.9). */
const PAUSE_AT_PX = 80;
/** How much around a line is explained (ux §2.3). */
const AROUND_MS = 60_000;

/** The lines as they come: a sample where too many do, and it says so. */
export function LiveFeedView() {
  const console = useConsole();
  const filter = useView((view) => view.feedFilter);
  const feed = useLineFeed(filter);
  const state = useStore(feed.state);
  const agentIds = useView((view) => view.agentIds);
  const agents = useAgents();
  const [isFolded, setFolded] = useState(false);
  const [isWrapped, setWrapped] = useState(false);
  const [chosen, setChosen] = useState<number | null>(null);
  const [detailed, setDetailed] = useState<number | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const rowHeight = isWrapped ? WRAPPED_ROW_HEIGHT : ROW_HEIGHT;
  const rows: readonly FoldedLine[] = isFolded ? foldedByTemplate(state.lines) : state.lines.map(alone);
  const rowsHeight = rows.length * rowHeight;
  const { first, last, onScroll } = useWindowedRows(scroller, rows.length, rowHeight);
  const at = rows.findIndex(({ id }) => id === chosen);
  const chosenRow = rows[at];
  const detail = detailed === null ? undefined : rows.find(({ id }) => id === detailed);

  const scoped = agentsInScope(agents, { agentIds });
  // The newest line stays in sight while nobody reads further up.
  useEffect(() => {
    const box = scroller.current;
    if (box !== null && !state.isPaused) box.scrollTop = rowsHeight;
  }, [rowsHeight, state.isPaused]);
  usePauseOnSelection(feed, scroller);

  const choose = (index: number) => {
    const next = rows[Math.min(rows.length - 1, Math.max(0, index))];
    if (next === undefined) return;
    feed.pause();
    setChosen(next.id);
    if (scroller.current !== null) scrollIntoView(scroller.current, rows.indexOf(next) * rowHeight, rowHeight);
  };
  const newest = () => {
    setChosen(null);
    setDetailed(null);
    feed.resume();
  };
  const explainAround = (one: FeedLine) => {
    const { at_ms: atMs, source_id: sourceId } = one.line;
    console.isolate({ agentId: one.agentId, sourceId });
    console.brush.lookAt({ fromMs: atMs - AROUND_MS, toMs: Math.min(console.now(), atMs + AROUND_MS) });
  };
  const openTemplate = ({ agentId, line }: FeedLine) => {
    if (line.template_id === null) return;
    console.patchView({ template: { agentId, templateId: line.template_id } });
    console.go('templates');
  };

  const codesOf = ({ agentId }: FeedLine) => {
    const code = agents.get(agentId)?.saved.code;
    return code === undefined ? [] : [code];
  };

  useEffect(() => {
    const onChosen = (run: (row: FeedLine) => void) => () => {
      if (chosenRow !== undefined) run(chosenRow);
    };
    console.attachPanel({
      feed: {
        chosen: () => chosenRow !== undefined,
        isPaused: () => state.isPaused,
        move: (step) => choose(at < 0 ? rows.length - 1 : at + step),
        expand: onChosen((row) => setDetailed(detailed === row.id ? null : row.id)),
        togglePause: () => (state.isPaused ? newest() : feed.pause()),
        newest,
        explainAround: onChosen(explainAround),
        openTemplate: onChosen(openTemplate),
        toggleWrap: () => setWrapped(!isWrapped),
        toggleFold: () => setFolded(!isFolded),
        link: () => (chosenRow === undefined ? null : lineLink(chosenRow, codesOf(chosenRow))),
        stepOut: () => {
          const anything = detail !== undefined || chosen !== null || state.isPaused;
          if (detail !== undefined) setDetailed(null);
          else newest();
          return anything;
        },
      },
    });
    return () => console.attachPanel({ feed: null });
  });

  return (
    <div className="flex h-full flex-col gap-2 p-3">
      <header className="flex flex-wrap items-center gap-2">
        <ViewTitle className="text-base font-semibold whitespace-nowrap" id="feed-title">
          Live feed
        </ViewTitle>
        <p className="min-w-0 flex-1 truncate text-xs text-text-3" role="status">
          {rateWords(state.matchedPerSecond, state.sampled)}
          {state.dropped > 0 && ` · ${plural(state.dropped, 'message')} lost on a slow connection`}
        </p>
        <FilterTools />
        <ChoiceBar
          choices={[
            { value: 'raw', label: 'Lines' },
            { value: 'folded', label: 'Patterns' },
          ]}
          label="How lines are shown"
          value={isFolded ? 'folded' : 'raw'}
          onChange={(value) => setFolded(value === 'folded')}
        />
        <Button
          aria-pressed={isWrapped}
          size="small"
          title="Wrap long lines (Alt+Z)"
          onClick={() => setWrapped(!isWrapped)}
        >
          Wrap
        </Button>
        <Button size="small" onClick={() => (state.isPaused ? newest() : feed.pause())}>
          {state.isPaused ? 'Resume' : 'Pause'} <kbd className="key">Space</kbd>
        </Button>
      </header>
      <div className="flex min-h-0 flex-1 flex-col overflow-hidden rounded-lg border border-line-1 bg-bg-1">
        {state.isPaused && (
          <button className="feed-paused" type="button" onClick={newest}>
            <strong>Paused</strong> · {exactly(state.fresh)} new · <kbd className="key key-inline">Shift+G</kbd> resume
            {state.forgotten > 0 && ` · ${exactly(state.forgotten)} older new lines dropped from view (all counted)`}
          </button>
        )}
        <div
          aria-activedescendant={chosenRow === undefined ? undefined : `line-${chosenRow.id}`}
          aria-label={isFolded ? 'Live patterns' : 'Live lines'}
          aria-rowcount={rows.length}
          className="min-h-0 flex-1 overflow-auto outline-none focus-visible:outline-2 focus-visible:-outline-offset-2"
          id="feed"
          ref={scroller}
          role="grid"
          tabIndex={0}
          onScroll={() => {
            onScroll();
            const box = scroller.current;
            if (box !== null && box.scrollHeight - box.clientHeight - box.scrollTop > PAUSE_AT_PX) feed.pause();
          }}
        >
          {rows.length === 0 ? (
            <p className="p-4 text-sm text-text-3">
              No matching line has come yet. What is shown here is what arrives from now on.
            </p>
          ) : (
            <div className="relative min-w-full" role="rowgroup" style={{ height: rowsHeight }}>
              {rows.slice(first, last).map((row, i) => (
                <div
                  className="absolute inset-x-0"
                  key={row.id}
                  role="presentation"
                  style={{ top: (first + i) * rowHeight, height: rowHeight }}
                >
                  <FeedRow
                    chosen={row.id === chosen}
                    code={scoped.length > 1 ? (console.agent(row.agentId)?.saved.code ?? '') : null}
                    index={first + i}
                    isFolded={isFolded}
                    isWrapped={isWrapped}
                    row={row}
                    onPress={() => {
                      feed.pause();
                      setChosen(row.id);
                      setDetailed(row.id);
                    }}
                  />
                </div>
              ))}
            </div>
          )}
        </div>
        {detail !== undefined && (
          <LineDetail
            one={detail}
            onClose={() => setDetailed(null)}
            onCopy={() =>
              console.announce(copyText(detail.line.message) ? 'Line copied' : 'Nothing could be copied here')
            }
            onExplain={() => explainAround(detail)}
            onPage={() => openTemplate(detail)}
          />
        )}
      </div>
    </div>
  );
}

const alone = (one: FeedLine): FoldedLine => ({ ...one, count: 1 });

/** To its service around its time: a line of the feed has no address of its own. */
function lineLink({ line }: FeedLine, clusters: readonly string[]): string {
  const atMs = Math.round(line.at_ms);
  const span = { fromMs: atMs - AROUND_MS, toMs: atMs + AROUND_MS };
  return formatLink({ to: 'heartbeat', clusters, sourceId: line.source_id, span });
}

/** Text, levels and a template: what is wanted is asked of the agents, not filtered here. */
function FilterTools() {
  const console = useConsole();
  const filter = useView((view) => view.feedFilter);
  const toggle = (level: Level) => {
    const levels = filter.levels.includes(level)
      ? filter.levels.filter((one) => one !== level)
      : [...filter.levels, level];
    console.patchView({ feedFilter: { ...filter, levels } });
  };
  return (
    <>
      {filter.template !== null && (
        <button
          className="inline-flex h-6 max-w-64 items-center gap-1.5 rounded-md border border-accent/60 px-2 text-xs text-text-1 hover:bg-hover"
          title="Show all patterns again"
          type="button"
          onClick={() => console.patchView({ feedFilter: { ...filter, template: null } })}
        >
          <span className="truncate">{visibleText(filter.template.name)}</span>
          <span aria-hidden="true">×</span>
        </button>
      )}
      <fieldset className="flex gap-1" aria-label="Levels">
        {LEVELS.filter((level) => level !== 'other').map((level) => (
          <button
            aria-pressed={filter.levels.includes(level)}
            className="h-6 rounded-md px-1.5 text-2xs text-text-2 hover:bg-hover aria-pressed:bg-sel aria-pressed:font-semibold aria-pressed:text-text-1"
            key={level}
            type="button"
            onClick={() => toggle(level)}
          >
            {level}
          </button>
        ))}
      </fieldset>
      <input
        aria-label="Lines that hold"
        className="field h-7 w-44"
        id={FILTER_FIELD_ID}
        maxLength={200}
        placeholder="Text in the line"
        spellCheck={false}
        type="search"
        value={filter.text}
        onChange={(event) => console.patchView({ feedFilter: { ...filter, text: event.target.value } })}
      />
    </>
  );
}

/** Selecting text in the feed stops it: what one copies must not run away. */
function usePauseOnSelection(feed: LineFeed, scroller: RefObject<HTMLElement | null>) {
  useEffect(() => {
    const onSelect = () => {
      const selection = document.getSelection();
      if (selection === null || selection.isCollapsed) return;
      if (scroller.current?.contains(selection.anchorNode) === true) feed.pause();
    };
    document.addEventListener('selectionchange', onSelect);
    return () => document.removeEventListener('selectionchange', onSelect);
  }, [feed, scroller]);
}
