import type { IncidentDetail } from '@sentinellog/shared';
import type { DeskRow } from '../../stores/desk-state.ts';
import { refKey } from '../../stores/incident-ref.ts';
import { rowRef } from '../../stores/inbox-filter.ts';
import { useDesk, useIncidents } from '../../stores/use-console.ts';
import { CommandButton } from '../shell/command-button.tsx';
import { TimelineList } from '../timeline/timeline-list.tsx';

interface IncidentStoryProps {
  readonly row: DeskRow;
  readonly detail: IncidentDetail | null;
}

/** What happened to it and what people wrote, newest first. */
export function IncidentStory({ row, detail }: IncidentStoryProps) {
  const incidents = useIncidents();
  const draft = useDesk((desk) => desk.drafts.get(refKey(rowRef(row))));
  if (detail === null) return <p className="late-words text-sm text-text-3">Loading the timeline …</p>;
  return (
    <div className="flex flex-col gap-3">
      <div className="flex items-center gap-2 text-xs text-text-3">
        <CommandButton id="incident.note" label="Write a note" />
        {draft !== undefined && <span className="text-p2">A note is not sent yet: {draft.slice(0, 60)}</span>}
        {row.pending?.words === 'note on' && <span>A note is being sent …</span>}
      </div>
      <TimelineList
        entries={detail.timeline
          .toSorted((a, b) => b.at_ms - a.at_ms)
          .map((entry) => ({ entry, code: '', incidentKey: '', agentId: row.agentId }))}
        onOpen={(agentId, incidentId) => incidents.open({ agentId, incidentId })}
      />
    </div>
  );
}
