import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useStore } from 'zustand';
import { Button } from '../../components/button.tsx';
import { ChoiceBar } from '../../components/choice-bar.tsx';
import { Notice } from '../../components/notice.tsx';
import { useCommand } from '../../commands/keyboard.tsx';
import type { Agents } from '../../stores/agents-state.ts';
import type { Console } from '../../stores/console.ts';
import {
  Explanation,
  totalsOf,
  type ExplainOrder,
  type ExplainTotals,
  type ExplanationState,
  type KeyedRow,
  type Reference,
} from '../../stores/explanation.ts';
import { sourcesInScope } from '../../stores/scope.ts';
import { silenceTemplate } from '../../stores/template-silence.ts';
import { useConsole, useView } from '../../stores/use-console.ts';
import type { ViewState } from '../../stores/view-store.ts';
import type { Span } from '../../stores/view-window.ts';
import { exactly, plural } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';
import { RELEASED_MARK } from './brush-overlay.tsx';
import { headlineOf, signed } from './explain-headline.ts';
import { ExplainRowView } from './explain-row.tsx';

/** What the brushed range is made of. It opens without taking the focus; Enter goes in, Esc comes back out. */
export function ExplainPanel({ selection }: { readonly selection: Span }) {
  const console = useConsole();
  const [explanation] = useState(() => new Explanation(console.bridge, console.newKey));
  const state = useStore(explanation.state);
  const against = useView((view) => view.against);
  const agentIds = useView((view) => view.agentIds);
  const services = useView((view) => view.services);
  const isolated = useView((view) => view.isolated);
  const [order, setOrder] = useState<ExplainOrder>('biggest');
  const [chosen, setChosen] = useState<string | null>(null);
  const [open, setOpen] = useState<string | null>(null);
  const grid = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const agents = agentsAsked(console.agents.getState().agents, { agentIds, services, isolated });
    const names = namesAsked(console.agents.getState().agents, { services, isolated });
    void explanation.ask({ span: selection, agents, services: names, against, order });
    return () => explanation.stop();
  }, [explanation, console, selection, against, order, agentIds, services, isolated]);
  useBaselines(console, state.parts);
  useMeasuredRows(
    state.rows.length,
    [...state.parts.values()].every(({ isDone }) => isDone),
  );

  const present = state.rows.filter(({ row }) => row.status !== 'missing' && row.status !== 'gone');
  const missing = state.rows.filter(({ row }) => row.status === 'missing' || row.status === 'gone');
  const listed = [...present, ...missing];
  const totals = totalsOf(state);
  const at = listed.findIndex(({ key }) => key === chosen);
  const chosenRow = listed[at];
  const running = [...state.parts.values()].some(({ isDone }) => !isDone);
  const most = Math.max(1, ...listed.map(({ row }) => Math.abs(row.excess)));

  const choose = (index: number) => {
    const next = listed[Math.min(listed.length - 1, Math.max(0, index))];
    if (next === undefined) return;
    setChosen(next.key);
    requestAnimationFrame(() => document.getElementById(rowId(next.key))?.scrollIntoView({ block: 'nearest' }));
  };
  const toFeed = ({ row }: KeyedRow) => {
    const [template] = row.templates;
    if (template === undefined) return;
    console.patchView({
      feedFilter: { text: '', levels: [], template: { templateId: template.template_id, name: row.name } },
    });
    console.go('feed');
  };
  const silence = ({ row, agentId }: KeyedRow) => {
    const [template] = row.templates;
    if (template !== undefined) {
      void silenceTemplate(console, { agentId, templateId: template.template_id }, row.name);
    }
  };
  const openPage = ({ row, agentId }: KeyedRow) => {
    const [template] = row.templates;
    if (template === undefined) return;
    console.patchView({ template: { agentId, templateId: template.template_id } });
    console.go('templates');
  };

  // Commands find the panel through the console; every render gives them its newest rows.
  useEffect(() => {
    const onChosen = (run: (row: KeyedRow) => void) => () => {
      if (chosenRow !== undefined) run(chosenRow);
    };
    console.attachPanel({
      explain: {
        chosen: () => chosenRow?.key ?? null,
        hasFocus: () => grid.current?.contains(document.activeElement) === true,
        focus: () => {
          grid.current?.focus();
          if (at < 0) choose(0);
        },
        move: (step) => {
          grid.current?.focus();
          choose(at < 0 ? 0 : at + step);
        },
        toggleSamples: onChosen(({ key }) => setOpen(open === key ? null : key)),
        toggleOrder: () => setOrder(order === 'biggest' ? 'rarest' : 'biggest'),
        rerank: () => explanation.rerank(),
        nextReference: () => console.patchView({ against: nextReference(console) }),
        filterFeed: onChosen(toFeed),
        silence: onChosen(silence),
        openTemplate: onChosen(openPage),
      },
    });
    return () => console.attachPanel({ explain: null });
  });

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (step === undefined || event.target !== event.currentTarget) return;
    event.preventDefault();
    choose(at < 0 ? 0 : at + step);
  };
  const rows = (some: readonly KeyedRow[]) =>
    some.map((keyed) => (
      <ExplainRowView
        chosen={keyed.key === chosen}
        code={state.parts.size > 1 ? (console.agent(keyed.agentId)?.saved.code ?? '') : null}
        id={rowId(keyed.key)}
        key={keyed.key}
        keyed={keyed}
        most={most}
        open={keyed.key === open}
        place={listed.indexOf(keyed) + 1}
        onChoose={() => setChosen(keyed.key)}
        onFeed={() => toFeed(keyed)}
        onPage={() => openPage(keyed)}
        onSilence={() => silence(keyed)}
        onToggle={() => {
          setChosen(keyed.key);
          setOpen(open === keyed.key ? null : keyed.key);
        }}
      />
    ));

  return (
    <section
      aria-labelledby="explain-title"
      className="@container flex min-h-[280px] flex-1 flex-col rounded-lg border border-line-1 bg-bg-1"
      id="explain"
    >
      <header className="flex min-h-11 shrink-0 items-center gap-3 border-b border-line-1 px-3 py-1.5">
        <h2 className="sr-only" id="explain-title">
          What the range is made of
        </h2>
        <HeadWords rows={listed} running={running} totals={totals} />
        {state.moved > 0 && (
          <Button size="small" onClick={() => explanation.rerank()}>
            Re-rank · {state.moved} moved <kbd className="key">r</kbd>
          </Button>
        )}
        <ReferenceButton />
        <ChoiceBar
          choices={[
            { value: 'biggest', label: 'Biggest' },
            { value: 'rarest', label: 'Rarest' },
          ]}
          label="Order of the patterns"
          value={order}
          onChange={setOrder}
        />
        <CloseButton />
      </header>
      <Failures explanation={explanation} onRetry={() => void explanation.again()} />
      {listed.length === 0 ? (
        <p className="late-words p-4 text-sm text-text-2">
          {running ? 'Looking at what was logged …' : 'No line was logged in this range, and none is missing.'}
        </p>
      ) : (
        <div
          aria-activedescendant={chosenRow === undefined ? undefined : rowId(chosenRow.key)}
          aria-busy={running}
          aria-label="Patterns in the range"
          aria-rowcount={listed.length}
          className="min-h-0 flex-1 overflow-y-auto outline-none focus-visible:outline-2 focus-visible:-outline-offset-2"
          ref={grid}
          role="treegrid"
          tabIndex={0}
          onBlur={() => explanation.attend(false)}
          onFocus={() => explanation.attend(true)}
          onKeyDown={onKeyDown}
          onPointerEnter={() => explanation.attend(true)}
          onPointerLeave={() => {
            if (grid.current?.contains(document.activeElement) !== true) explanation.attend(false);
          }}
        >
          <div role="rowgroup">{rows(present)}</div>
          {totals !== null && <RemainderRow totals={totals} />}
          {missing.length > 0 && (
            <div aria-labelledby="explain-missing" role="rowgroup">
              <div className="section-word mt-3 mb-1 px-3" role="row">
                <span id="explain-missing" role="rowheader">
                  Expected but missing
                </span>
              </div>
              {rows(missing)}
            </div>
          )}
        </div>
      )}
    </section>
  );
}

function rowId(key: string): string {
  return `pattern-${key.replaceAll(/[^\w-]/g, '-')}`;
}

function HeadWords({
  rows,
  totals,
  running,
}: {
  readonly rows: readonly KeyedRow[];
  readonly totals: ExplainTotals | null;
  readonly running: boolean;
}) {
  if (totals === null)
    return <p className="flex-1 text-sm text-text-3">{running ? 'Explaining …' : 'Not explained'}</p>;
  const headline = headlineOf(
    rows.map(({ row }) => row),
    totals,
  );
  return (
    <div className="min-w-0 flex-1" role="status">
      <p className="text-sm font-semibold text-text-1">
        {headline.words}
        {running && <span className="font-normal text-text-3"> · so far</span>}
      </p>
      <p className="truncate text-2xs text-text-3">
        {headline.sum}
        {totals.missing !== 0 && !running && (
          <span className="text-p2"> · {exactly(totals.missing)} lines unaccounted</span>
        )}
        <ComparedWith />
      </p>
    </div>
  );
}

/** What it is compared with, and on to the next. */
function ReferenceButton() {
  const against = useView((view) => view.against);
  const { label, command } = useCommand('rows.reference');
  return (
    <Button size="small" onClick={() => command.run()}>
      <span className="sr-only">Compared with: </span>
      {referenceWords(against)} <kbd className="key">{label}</kbd>
    </Button>
  );
}

function referenceWords(against: Reference | null): string {
  if (against === null) return 'vs usual';
  switch (against.type) {
    case 'before':
      return 'vs before';
    case 'range':
      return 'vs range';
    case 'cluster':
      return `vs ${visibleText(against.name)}`;
    default:
      return against satisfies never;
  }
}

/** Which past the agents compared it with, in their words. */
function ComparedWith() {
  const words = useView((view) => view.baselineWords);
  return words === null ? null : <span> · against {visibleText(words)}</span>;
}

function RemainderRow({ totals: { remainder } }: { readonly totals: ExplainTotals }) {
  if (remainder === null || (remainder.count === 0 && remainder.expected === 0)) return null;
  return (
    <div className="explain-row text-text-3" role="rowgroup">
      <div className="contents" role="row">
        <span role="gridcell" />
        <span role="gridcell" />
        <span className="truncate" role="gridcell">
          Everything else: {plural(remainder.clusters, 'pattern')}
        </span>
        <span className="text-right" role="gridcell">
          {exactly(remainder.count)} <span className="text-text-3">/ {exactly(remainder.expected)}</span>
        </span>
        <span className="text-right" role="gridcell">
          {signed(remainder.count - remainder.expected)}
        </span>
      </div>
    </div>
  );
}

function Failures({ explanation, onRetry }: { readonly explanation: Explanation; readonly onRetry: () => void }) {
  const console = useConsole();
  const parts = useStore(explanation.state, (state) => state.parts);
  return [...parts].map(([agentId, { error }]) =>
    error === null ? null : (
      <div className="p-2" key={agentId}>
        <Notice
          action={
            <Button size="small" onClick={onRetry}>
              Ask again
            </Button>
          }
          tone="warn"
        >
          {console.agent(agentId)?.saved.name ?? agentId} did not explain all of it: {visibleText(error.detail)}
        </Notice>
      </div>
    ),
  );
}

function CloseButton() {
  const console = useConsole();
  const { label } = useCommand('escape');
  return (
    <Button look="quiet" size="small" onClick={() => console.brush.explain(false)}>
      Close <kbd className="key">{label}</kbd>
    </Button>
  );
}

/** Whom to ask about what: the service alone on the chart, else what is in scope. */
function agentsAsked(agents: Agents, scope: Pick<ViewState, 'agentIds' | 'services' | 'isolated'>) {
  const { isolated, services } = scope;
  if (isolated !== null) return [{ agentId: isolated.agentId, sources: [isolated.sourceId] }];
  const byAgent = Map.groupBy(sourcesInScope(agents, scope), ({ ref }) => ref.agentId);
  return [...byAgent].map(([agentId, scoped]) => ({
    agentId,
    sources: services === null ? null : scoped.map(({ ref }) => ref.sourceId),
  }));
}

/** The services that are asked about, by the names that another cluster has for them too. */
function namesAsked(agents: Agents, { isolated, services }: Pick<ViewState, 'services' | 'isolated'>) {
  if (isolated === null) return services;
  const source = agents.get(isolated.agentId)?.sources.get(isolated.sourceId);
  return source === undefined ? services : [source.service];
}

/** What comes after what is compared with now: as usual, the time before, then each other cluster, and as usual again. */
function nextReference(console: Console): Reference | null {
  const { against, ...scope } = console.view.getState();
  const agents = console.agents.getState().agents;
  const asked = agentsAsked(agents, scope);
  const others = [...agents.values()]
    .filter(({ saved }) => asked.some(({ agentId }) => agentId !== saved.agentId))
    .map(({ saved }): Reference => ({ type: 'cluster', agentId: saved.agentId, name: saved.name }));
  const references: readonly (Reference | null)[] = [null, { type: 'before' }, ...others];
  const at = references.findIndex((one) => sameReference(one, against));
  return references[(at + 1) % references.length] ?? null;
}

function sameReference(one: Reference | null, other: Reference | null): boolean {
  if (one?.type === 'cluster' && other?.type === 'cluster') return one.agentId === other.agentId;
  return one?.type === other?.type;
}

/** What the first agent compared with goes onto the chart. */
function useBaselines(console: Console, parts: ExplanationState['parts']) {
  const first = [...parts.values()].find(({ summary }) => summary !== null)?.summary?.baseline;
  useEffect(() => {
    console.patchView({
      baselines: first?.ranges.map(({ from_ms, to_ms }) => ({ fromMs: from_ms, toMs: to_ms })) ?? [],
      baselineWords: first?.words ?? null,
    });
    return () => console.patchView({ baselines: [], baselineWords: null });
  }, [console, first]);
}

/** From letting go of the range to its first row, and to all of them, for the figures of goal P9. */
function useMeasuredRows(count: number, isDone: boolean) {
  const isThere = count > 0;
  useEffect(() => {
    if (isThere) measure('explain:first-row');
  }, [isThere]);
  useEffect(() => {
    if (isDone && isThere) measure('explain:complete');
  }, [isDone, isThere]);
}

function measure(name: string): void {
  if (performance.getEntriesByName(RELEASED_MARK).length > 0) performance.measure(name, RELEASED_MARK);
}
