import { lazy, Suspense, useEffect, type KeyboardEvent, type ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Notice } from '../../components/notice.tsx';
import { SeverityBadge } from '../../components/severity-badge.tsx';
import { useTick } from '../../components/use-tick.ts';
import { CommandButton } from '../shell/command-button.tsx';
import { DETAIL_TABS, type DetailTab } from '../../stores/incident-console.ts';
import type { DeskRow } from '../../stores/desk-state.ts';
import { refKey } from '../../stores/incident-ref.ts';
import type { DetailState } from '../../stores/incident-details.ts';
import { rowRef } from '../../stores/inbox-filter.ts';
import { useConsole, useIncidentDetail, useIncidents, useIncidentView, useView } from '../../stores/use-console.ts';
import { momentOf } from '../../words/clock.ts';
import { duration } from '../../words/duration.ts';
import { firingWords, incidentState } from '../../words/incident-words.ts';
import { sigmas } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';
import { IncidentLogs } from './incident-logs.tsx';
import { IncidentOverview } from './incident-overview.tsx';
import { IncidentStory } from './incident-story.tsx';
import { MiniHeartbeat } from './mini-heartbeat.tsx';

const IncidentClusters = lazy(async () => ({ default: (await import('./incident-clusters.tsx')).IncidentClusters }));
const IncidentHooks = lazy(async () => ({ default: (await import('./incident-hooks.tsx')).IncidentHooks }));

/** A person who walks through the list quickly asks for nothing on the way. */
const SETTLE_MS = 120;

const TAB_NAMES: Readonly<Record<DetailTab, string>> = {
  overview: 'Overview',
  clusters: 'Clusters',
  logs: 'Logs',
  timeline: 'Timeline',
  hooks: 'Hooks',
};

/** Everything about one incident; what is being loaded stands on what was there before. */
export function IncidentDetailPane({ row }: { readonly row: DeskRow }) {
  const incidents = useIncidents();
  const { agentId, incident } = row;
  const key = refKey(rowRef(row));
  const state = useIncidentDetail(key);
  const tab = useIncidentView((view) => view.tab);

  const { incident_id: incidentId, version } = incident;
  useEffect(() => {
    const timer = setTimeout(() => void incidents.details.load({ agentId, incidentId }, version), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [incidents, agentId, incidentId, version]);

  return (
    <section
      aria-labelledby="incident-title"
      className="flex min-w-0 flex-1 flex-col overflow-hidden rounded-lg border border-line-1 bg-bg-1 outline-none @max-[820px]:absolute @max-[820px]:inset-0 @max-[820px]:z-20 @max-[820px]:rounded-none"
      id="incident-detail"
      tabIndex={-1}
    >
      <DetailHeader row={row} />
      {state?.error != null && (
        <div className="p-2">
          <Notice
            action={
              <Button size="small" onClick={() => void incidents.details.load(rowRef(row), incident.version)}>
                Retry
              </Button>
            }
            tone="warn"
          >
            The details could not be had: {visibleText(state.error)}
            {state.detail !== null && '. What follows is from before.'}
          </Notice>
        </div>
      )}
      <MiniHeartbeat beats={state?.beats ?? null} incident={incident} />
      <Tabs tab={tab} onChoose={(next) => incidents.view.setState({ tab: next })} />
      <div
        aria-labelledby={`tab-${tab}`}
        className="min-h-0 flex-1 overflow-y-auto p-4"
        id="incident-tab"
        role="tabpanel"
        // A scrolled panel must be reachable by keyboard even where nothing in it is.
        tabIndex={0}
      >
        <TabBody row={row} state={state} tab={tab} />
      </div>
    </section>
  );
}

function DetailHeader({ row }: { readonly row: DeskRow }) {
  const console = useConsole();
  const incidents = useIncidents();
  const clock = useView((view) => view.preferences.clock);
  const nowMs = useTick(console.now, 1000);
  const { incident, pending } = row;
  const code = console.agent(row.agentId)?.saved.code ?? '';
  const until = incident.silenced_until_ms;
  const facts = [
    incident.key,
    `began ${momentOf(incident.first_mover.at_ms, clock, nowMs)}`,
    ...(incident.assigned_to === null ? [] : [`owner ${visibleText(incident.assigned_to)}`]),
    ...(incident.ack_expires_at_ms === null
      ? []
      : [`re-opens in ${duration(incident.ack_expires_at_ms - nowMs)} unless resolved`]),
    ...(incident.silence_id === null || incident.state === 'RESOLVED'
      ? []
      : [until === null ? 'silenced until it gets worse' : `silenced for ${duration(until - nowMs)}`]),
    ...(incident.reopened > 0 ? [`came back ${incident.reopened}×`] : []),
  ];
  return (
    <header className="flex flex-col gap-2 border-b border-line-1 px-4 py-3">
      <div className="flex items-start gap-3">
        <SeverityBadge calm={incident.state === 'RESOLVED'} severity={incident.severity}>
          {sigmas(incident.peak_score)}
        </SeverityBadge>
        <div className="min-w-0 flex-1">
          <h2 className="text-base leading-6 font-semibold" id="incident-title">
            {visibleText(incident.title)}
          </h2>
          <p className="text-xs text-text-3">
            <span className="cluster-code mr-2">{code}</span>
            <span className={pending === null ? 'text-text-1' : 'pending-word text-text-1'}>
              {incidentState(incident)}
            </span>
            {pending !== null && (pending.waiting ? ', waits for the connection' : ', being sent')} ·{' '}
            {firingWords(incident, nowMs)} · {facts.join(' · ')}
          </p>
          <HoldLine row={row} nowMs={nowMs} />
        </div>
        <Button
          aria-label="Close"
          look="quiet"
          size="small"
          title="Hide the detail (Space)"
          onClick={() => incidents.view.setState({ detailShown: false })}
        >
          <Icon name="close" size={14} />
        </Button>
      </div>
      <div aria-label="Actions" className="flex flex-wrap gap-1.5" role="toolbar">
        {incident.state === 'RESOLVED' ? (
          <CommandButton id="incident.reopen" look="primary" />
        ) : (
          <>
            {incident.state === 'OPEN' ? (
              <CommandButton id="incident.ack" look="primary" />
            ) : (
              <CommandButton id="incident.unack" />
            )}
            {incident.silence_id === null ? (
              <CommandButton id="incident.silence" label="Silence" />
            ) : (
              <CommandButton id="incident.unsilence" />
            )}
            <CommandButton id="incident.resolve" />
          </>
        )}
        <CommandButton id="incident.assignToMe" label="Mine" />
        <CommandButton id="incident.note" label="Note" />
        <CommandButton id="incident.severity" label="Severity" />
      </div>
    </header>
  );
}

/** What has not left the building: the time in which an undo leaves no trace outside. */
function HoldLine({ row, nowMs }: { readonly row: DeskRow; readonly nowMs: number }) {
  const { held } = row.incident;
  if (held === null || held.until_ms <= nowMs) return null;
  return (
    <p className="text-xs text-accent">
      Slack and PagerDuty are told in {Math.ceil((held.until_ms - nowMs) / 1000)} s; until then z leaves no trace.
    </p>
  );
}

function Tabs({ tab, onChoose }: { readonly tab: DetailTab; readonly onChoose: (tab: DetailTab) => void }) {
  const move = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const next = DETAIL_TABS[(DETAIL_TABS.indexOf(tab) + step + DETAIL_TABS.length) % DETAIL_TABS.length] ?? tab;
    onChoose(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div aria-label="Details" className="flex gap-1 border-b border-line-1 px-3" role="tablist" onKeyDown={move}>
      {DETAIL_TABS.map((one) => (
        <button
          aria-controls="incident-tab"
          aria-selected={one === tab}
          className="inbox-tab"
          id={`tab-${one}`}
          key={one}
          role="tab"
          tabIndex={one === tab ? 0 : -1}
          type="button"
          onClick={() => onChoose(one)}
        >
          {TAB_NAMES[one]}
        </button>
      ))}
    </div>
  );
}

interface TabBodyProps {
  readonly row: DeskRow;
  readonly state: DetailState | undefined;
  readonly tab: DetailTab;
}

function TabBody({ row, state, tab }: TabBodyProps): ReactNode {
  const detail = state?.detail ?? null;
  switch (tab) {
    case 'overview':
      return <IncidentOverview detail={detail} row={row} />;
    case 'clusters':
      return (
        <Suspense>
          <IncidentClusters key={refKey(rowRef(row))} row={row} />
        </Suspense>
      );
    case 'logs':
      return <IncidentLogs detail={detail} />;
    case 'timeline':
      return <IncidentStory detail={detail} row={row} />;
    case 'hooks':
      return (
        <Suspense>
          <IncidentHooks row={row} />
        </Suspense>
      );
    default:
      return tab satisfies never;
  }
}
