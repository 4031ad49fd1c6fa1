import { lazy, Suspense, useEffect } from 'react';
import { SEVERITIES } from '@sentinellog/shared';
import { Button } from '../../components/button.tsx';
import { Notice } from '../../components/notice.tsx';
import { FILTER_FIELD_ID } from '../../commands/incident-commands.ts';
import { CommandButton } from '../shell/command-button.tsx';
import { ViewTitle } from '../shell/view-title.tsx';
import { agentsInScope } from '../../stores/scope.ts';
import { allRows, INBOX_TABS, inScope, inTab, rowsOf, TAB_NAMES, type InboxTab } from '../../stores/inbox-filter.ts';
import {
  useAgents,
  useConsole,
  useDesk,
  useInbox,
  useIncidents,
  useIncidentView,
  useView,
} from '../../stores/use-console.ts';
import { ago, duration } from '../../words/duration.ts';
import { plural } from '../../words/quantity.ts';
import { AwayCard } from './away-card.tsx';
import { InboxList } from './inbox-list.tsx';

const IncidentDetail = lazy(async () => ({ default: (await import('./incident-detail.tsx')).IncidentDetailPane }));

/** The desk: what wants looking at on the left, everything about the one in focus on the right. */
export function IncidentsView() {
  const incidents = useIncidents();
  const { inbox } = incidents;
  const order = useInbox((state) => state.order);
  const agents = useDesk((desk) => desk.agents);
  const detailShown = useIncidentView((view) => view.detailShown);
  const rows = rowsOf({ agents }, order);
  useEffect(() => {
    inbox.settle();
    if (inbox.state.getState().focused === null) inbox.move(1);
  }, [inbox]);
  const focused = useInbox((state) => state.focused);
  // What is open stays open when it has left the list, by an acknowledgement say.
  const [open] = rowsOf({ agents }, focused === null ? [] : [focused]);

  return (
    <div className="relative flex h-full gap-3 p-3 @max-[1223px]:gap-2" data-incidents>
      <section
        aria-label="Inbox"
        className={`flex min-h-0 flex-col rounded-lg border border-line-1 bg-bg-1 ${detailShown ? 'w-[540px] shrink-0 @max-[1223px]:w-[400px] @max-[820px]:w-full @max-[820px]:flex-1' : 'flex-1'}`}
      >
        <InboxHeader />
        <MissingClusters />
        <AwayCard />
        {rows.length === 0 ? <EmptyInbox /> : <InboxList rows={rows} />}
      </section>
      {detailShown && open !== undefined && (
        <Suspense>
          <IncidentDetail row={open} />
        </Suspense>
      )}
      {detailShown && open === undefined && (
        <div className="grid min-w-0 flex-1 place-items-center rounded-lg border border-line-1 bg-bg-1 text-sm text-text-3 @max-[820px]:hidden">
          No incident is chosen
        </div>
      )}
    </div>
  );
}

function InboxHeader() {
  const incidents = useIncidents();
  const filter = useInbox((state) => state.filter);
  const agents = useDesk((desk) => desk.agents);
  const agentIds = useView((view) => view.agentIds);
  const services = useView((view) => view.services);
  const scope = { agentIds, services, me: (agentId: string) => incidents.me(agentId) };
  const scoped = allRows({ agents }).filter((row) => inScope(row, scope));
  const count = (tab: InboxTab) => scoped.filter((row) => inTab(row, tab, scope.me)).length;
  return (
    <header className="flex flex-col gap-2 border-b border-line-1 px-3 pt-2.5">
      <div className="flex items-center gap-2">
        <ViewTitle className="text-base font-semibold">Incidents</ViewTitle>
        <DeskFacts />
        <div className="flex-1" />
        <CommandButton id="incident.ackAll" label="Ack all" look="quiet" />
      </div>
      <div className="flex items-center gap-2">
        <input
          aria-label="Filter by words"
          className="field h-7 min-w-0 flex-1 text-xs"
          id={FILTER_FIELD_ID}
          placeholder="Filter by service, owner, words …  /"
          type="search"
          value={filter.text}
          onChange={(event) => incidents.inbox.setFilter({ text: event.target.value })}
          onKeyDown={(event) => {
            if (event.key === 'Enter' || event.key === 'ArrowDown') document.getElementById('inbox')?.focus();
          }}
        />
        <div aria-label="Severity" className="flex gap-1" role="group">
          {SEVERITIES.map((severity) => (
            <button
              aria-pressed={filter.severity === severity}
              className="h-7 rounded-md border border-line-2 px-2 text-xs text-text-2 hover:bg-hover aria-pressed:border-accent aria-pressed:bg-sel aria-pressed:font-semibold aria-pressed:text-text-1"
              key={severity}
              type="button"
              onClick={() => incidents.inbox.setFilter({ severity: filter.severity === severity ? null : severity })}
            >
              {severity}
            </button>
          ))}
        </div>
      </div>
      <div aria-label="Which incidents" className="-mx-1 flex gap-0.5 overflow-x-auto" role="group">
        {INBOX_TABS.map((tab) => (
          <button
            aria-pressed={filter.tab === tab}
            className="inbox-tab"
            key={tab}
            type="button"
            onClick={() => incidents.inbox.setFilter({ tab })}
          >
            {TAB_NAMES[tab]}{' '}
            <span
              className="font-normal text-text-3 data-zero:@max-[1223px]:hidden"
              data-zero={count(tab) === 0 || undefined}
            >
              {count(tab)}
            </span>
          </button>
        ))}
      </div>
    </header>
  );
}

/** How the desk is doing, as the agents in scope say it. */
function DeskFacts() {
  const summaries = useIncidentView((view) => view.summaries);
  const agentIds = useView((view) => view.agentIds);
  const scoped = [...summaries]
    .filter(([agentId]) => agentIds?.includes(agentId) ?? true)
    .map(([, summary]) => summary);
  const mtta = scoped.map(({ mtta_ms }) => mtta_ms).filter((ms) => ms !== null);
  if (mtta.length === 0) return null;
  return <p className="truncate text-xs text-text-3">acknowledged after {duration(Math.max(...mtta))} on average</p>;
}

/** A cluster that does not report may hide an incident: said where its rows would be. */
function MissingClusters() {
  const console = useConsole();
  const nowMs = console.now();
  const agents = useAgents();
  const agentIds = useView((view) => view.agentIds);
  const known = useDesk((desk) => desk.agents);
  const missing = agentsInScope(agents, { agentIds }).flatMap(({ saved, asOfMs }) => {
    if (saved.connection.type !== 'open' && saved.connection.type !== 'connecting')
      return [`${saved.name} is not reporting${asOfMs === null ? '' : `, shown as of ${ago(nowMs - asOfMs)}`}`];
    return saved.connection.type === 'open' && !known.has(saved.agentId) ? [`${saved.name} keeps no incidents`] : [];
  });
  if (missing.length === 0) return null;
  return (
    <div className="p-2">
      <Notice tone="warn">{missing.join(', ')}: incidents there may be missing.</Notice>
    </div>
  );
}

/** Nothing to see has three reasons, and they must not look alike. */
function EmptyInbox() {
  const console = useConsole();
  const incidents = useIncidents();
  const agents = useAgents();
  const filter = useInbox((state) => state.filter);
  const known = useDesk((desk) => desk.agents);
  const all = allRows({ agents: known });
  const sources = [...agents.values()].reduce((sum, agent) => sum + agent.sources.size, 0);
  if (known.size === 0) {
    return <p className="late-words p-4 text-sm text-text-3">Waiting for the first word of the clusters …</p>;
  }
  const narrowed = filter.severity !== null || filter.text !== '';
  if (narrowed || (filter.tab !== 'review' && all.length > 0)) {
    return (
      <div className="flex flex-col items-start gap-3 p-4 text-sm text-text-2">
        <p>0 of {plural(all.length, 'incident')} match.</p>
        <Button size="small" onClick={() => incidents.inbox.setFilter({ tab: 'review', severity: null, text: '' })}>
          Clear the filter <kbd className="key key-inline">Esc</kbd>
        </Button>
      </div>
    );
  }
  const lastEnd = Math.max(0, ...all.map(({ incident }) => incident.resolved_at_ms ?? 0));
  return (
    <div className="grid flex-1 place-items-center p-6 text-center text-sm text-text-2">
      <div className="flex flex-col gap-1">
        <p className="text-base font-semibold text-text-1">
          <span className="text-ok">✓</span> All clear
        </p>
        <p>No incident waits for review.</p>
        <p className="text-text-3">
          {lastEnd > 0 ? `The last one ended ${ago(console.now() - lastEnd)}. ` : ''}
          {plural(sources, 'source')} watched.
        </p>
      </div>
    </div>
  );
}
