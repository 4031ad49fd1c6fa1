import { useState } from 'react';
import type { Actor } from '@sentinellog/shared';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Notice } from '../../components/notice.tsx';
import { FILTER_FIELD_ID } from '../../commands/incident-commands.ts';
import { ViewTitle } from '../shell/view-title.tsx';
import { useAgents, useConsole, useDesk, useIncidents, useView } from '../../stores/use-console.ts';
import { TIMELINE_WORDS } from '../../words/timeline-words.ts';
import { plural } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';
import { postMortem } from './post-mortem.ts';
import { TimelineList, type TimelineRow } from './timeline-list.tsx';
import { useTimeline } from './use-timeline.ts';

const PAGE = 200;
const ACTOR_KINDS = ['person', 'detector', 'hook', 'channel', 'agent'] as const satisfies readonly Actor['kind'][];

/** What happened on all desks in scope, newest first: by whom, to what, in words. */
export function TimelineView() {
  const incidents = useIncidents();
  const agents = useAgents();
  const desk = useDesk((state) => state.agents);
  const console = useConsole();
  const words = useView((view) => view.timelineWords);
  const [actor, setActor] = useState<(typeof ACTOR_KINDS)[number] | ''>('');
  const { inScope, load } = useTimeline(PAGE);
  const wanted = words.trim().toLowerCase();
  const rows: readonly TimelineRow[] = inScope
    .flatMap(({ agentId, entries }) =>
      entries.map((entry) => ({
        entry,
        agentId,
        code: agents.get(agentId)?.saved.code ?? '',
        incidentKey: desk.get(agentId)?.get(entry.incident_id)?.incident.key ?? 'an older incident',
      })),
    )
    .filter(({ entry, incidentKey }) => {
      if (actor !== '' && entry.actor.kind !== actor) return false;
      const text = `${incidentKey} ${entry.incident_id} ${entry.alert_id ?? ''} ${entry.actor.name} ${TIMELINE_WORDS[entry.kind]} ${entry.text}`;
      return wanted === '' || text.toLowerCase().includes(wanted);
    })
    .toSorted((a, b) => b.entry.at_ms - a.entry.at_ms);
  const total = inScope.reduce((sum, { entries }) => sum + entries.length, 0);

  return (
    <div className="flex h-full flex-col p-3">
      <section className="flex min-h-0 flex-1 flex-col rounded-lg border border-line-1 bg-bg-1">
        <header className="flex flex-wrap items-center gap-2 border-b border-line-1 px-3 py-2.5">
          <ViewTitle className="text-base font-semibold">Timeline</ViewTitle>
          <p className="text-xs text-text-3">
            {rows.length === total ? plural(total, 'entry', 'entries') : `${rows.length} of ${total}`}
          </p>
          <div className="flex-1" />
          <input
            aria-label="Filter by words"
            className="field h-7 w-72 text-xs"
            id={FILTER_FIELD_ID}
            placeholder="Filter by incident, person, words …  /"
            type="search"
            value={words}
            onChange={(event) => console.patchView({ timelineWords: event.target.value })}
          />
          <select
            aria-label="Who did it"
            className="h-7 rounded-md border border-line-2 bg-bg-0 px-2 text-xs text-text-1"
            value={actor}
            onChange={(event) => setActor(ACTOR_KINDS.find((kind) => kind === event.target.value) ?? '')}
          >
            <option value="">everybody</option>
            {ACTOR_KINDS.map((kind) => (
              <option key={kind} value={kind}>
                {kind}
              </option>
            ))}
          </select>
          <CopyButton label="Copy as post-mortem" text={postMortem(rows)} />
        </header>
        {inScope
          .filter(({ error }) => error !== null)
          .map(({ agentId, error }) => (
            <div className="p-2" key={agentId}>
              <Notice
                action={
                  <Button size="small" onClick={() => load(agentId, null)}>
                    Retry
                  </Button>
                }
                tone="warn"
              >
                {agents.get(agentId)?.saved.name ?? agentId} did not give its timeline: {visibleText(error ?? '')}
              </Notice>
            </div>
          ))}
        <div
          className="@container min-h-0 flex-1 overflow-y-auto px-3 py-2"
          data-scrolls
          tabIndex={0}
          role="region"
          aria-label="Entries"
        >
          {inScope.length === 0 ? (
            <p className="late-words p-2 text-sm text-text-3">Asking the clusters …</p>
          ) : rows.length === 0 ? (
            <p className="p-2 text-sm text-text-2">
              {total === 0 ? 'Nothing has happened yet: no incident was ever opened.' : 'No entries for this filter.'}
            </p>
          ) : (
            <TimelineList entries={rows} onOpen={(agentId, incidentId) => incidents.open({ agentId, incidentId })} />
          )}
          {inScope.map(({ agentId, nextCursor }) =>
            nextCursor === null ? null : (
              <Button key={agentId} size="small" onClick={() => load(agentId, nextCursor)}>
                Older entries of {agents.get(agentId)?.saved.code}
              </Button>
            ),
          )}
        </div>
      </section>
    </div>
  );
}
