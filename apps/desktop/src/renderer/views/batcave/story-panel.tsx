import { EmptyWords } from '../../components/empty-words.tsx';
import { SeverityBadge } from '../../components/severity-badge.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { useAgents, useConsole, useDesk, useIncidents, useView } from '../../stores/use-console.ts';
import { momentOf } from '../../words/clock.ts';
import { plural } from '../../words/quantity.ts';
import { TIMELINE_WORDS } from '../../words/timeline-words.ts';
import { visibleText } from '../../words/visible-text.ts';
import { useTimeline } from '../timeline/use-timeline.ts';
import { CavePanel } from './cave-panel.tsx';

const ENTRIES = 50;

/** What happened last, to which incident, by whom. */
export function StoryPanel() {
  const console = useConsole();
  const incidents = useIncidents();
  const agents = useAgents();
  const desk = useDesk((state) => state.agents);
  const clock = useView((view) => view.preferences.clock);
  const { inScope } = useTimeline(ENTRIES);
  const nowMs = console.now();
  const rows = inScope
    .flatMap(({ agentId, entries }) => entries.map((entry) => ({ agentId, entry })))
    .toSorted((a, b) => b.entry.at_ms - a.entry.at_ms)
    .slice(0, ENTRIES);
  const failed = inScope.filter(({ error }) => error !== null).length;
  const fact = failed > 0 ? `${plural(failed, 'cluster')} did not answer` : '';
  return (
    <CavePanel fact={fact} place="story" title="Incident timeline" onOpen={() => console.go('timeline')}>
      {inScope.length === 0 ? (
        <SkeletonRows count={6} label="Asking for the timeline …" />
      ) : rows.length === 0 ? (
        <EmptyWords title="Nothing has happened yet">No incident was ever opened.</EmptyWords>
      ) : (
        <ol aria-label="Newest entries" className="min-h-0 flex-1 overflow-y-auto" tabIndex={0}>
          {rows.map(({ agentId, entry }) => {
            const incident = desk.get(agentId)?.get(entry.incident_id)?.incident;
            const code = agents.get(agentId)?.saved.code ?? '';
            return (
              <li key={`${agentId} ${entry.entry_id}`}>
                <button
                  className="flex h-[29px] w-full min-w-0 items-center gap-2 border-b border-line-1/60 px-2.5 text-left hover:bg-hover focus-visible:-outline-offset-2"
                  title={`${visibleText(entry.actor.name)}: ${visibleText(entry.text)}`}
                  type="button"
                  onClick={() => incidents.open({ agentId, incidentId: entry.incident_id })}
                >
                  <span className="w-[42px] shrink-0">
                    {incident !== undefined && (
                      <span className="inline-block origin-left scale-[0.88]">
                        <SeverityBadge calm={incident.state === 'RESOLVED'} severity={incident.severity} />
                      </span>
                    )}
                  </span>
                  <time className="shrink-0 text-xs text-text-3">{momentOf(entry.at_ms, clock, nowMs)}</time>
                  <span className="w-[92px] shrink-0 truncate text-xs text-text-2">{TIMELINE_WORDS[entry.kind]}</span>
                  <span className="min-w-0 flex-1 truncate text-sm">{visibleText(entry.text)}</span>
                  <span className="shrink-0 text-2xs text-text-3">{code}</span>
                </button>
              </li>
            );
          })}
        </ol>
      )}
    </CavePanel>
  );
}
