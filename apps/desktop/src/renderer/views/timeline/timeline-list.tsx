import type { TimelineEntry } from '@sentinellog/shared';
import { useConsole, useView } from '../../stores/use-console.ts';
import { momentOf } from '../../words/clock.ts';
import { ago } from '../../words/duration.ts';
import { TIMELINE_WORDS } from '../../words/timeline-words.ts';
import { visibleText } from '../../words/visible-text.ts';

export interface TimelineRow {
  readonly entry: TimelineEntry;
  readonly agentId: string;
  readonly code: string;
  /** Empty where all rows are of one incident. */
  readonly incidentKey: string;
}

interface TimelineListProps {
  readonly entries: readonly TimelineRow[];
  readonly onOpen: (agentId: string, incidentId: string) => void;
}

/** Who did what and when, a line each; notes may take more. */
export function TimelineList({ entries, onOpen }: TimelineListProps) {
  const console = useConsole();
  const clock = useView((view) => view.preferences.clock);
  const nowMs = console.now();
  return (
    <ol className="flex flex-col text-sm">
      {entries.map(({ entry, agentId, code, incidentKey }) => (
        <li
          className="grid grid-cols-[150px_110px_120px_minmax(0,1fr)] gap-3 border-b border-line-1 py-1.5 last:border-0 @max-[820px]:grid-cols-[84px_minmax(0,1fr)]"
          key={entry.entry_id}
        >
          <time className="text-xs leading-5 text-text-3" title={ago(nowMs - entry.at_ms)}>
            {momentOf(entry.at_ms, clock, nowMs)}
          </time>
          <span className="truncate text-text-2" title={entry.actor.via === null ? undefined : `by ${entry.actor.via}`}>
            {visibleText(entry.actor.name)}
          </span>
          <span className={entry.kind === 'note' ? 'text-accent' : 'text-text-1'}>{TIMELINE_WORDS[entry.kind]}</span>
          <span className="min-w-0 break-words text-text-1">
            {incidentKey !== '' && (
              <button
                className="mr-2 text-xs text-accent underline underline-offset-2"
                type="button"
                onClick={() => onOpen(agentId, entry.incident_id)}
              >
                {incidentKey}@{code}
              </button>
            )}
            {visibleText(entry.text)}
          </span>
        </li>
      ))}
    </ol>
  );
}
