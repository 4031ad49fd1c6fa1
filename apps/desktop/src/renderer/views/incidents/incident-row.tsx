import { memo } from 'react';
import { SeverityBadge } from '../../components/severity-badge.tsx';
import { Sparkline, type SparklineData } from '../../components/sparkline.tsx';
import type { DeskRow } from '../../stores/desk-state.ts';
import { ago } from '../../words/duration.ts';
import { firingWords, incidentState, otherServices } from '../../words/incident-words.ts';
import { visibleText } from '../../words/visible-text.ts';

interface IncidentRowProps {
  readonly row: DeskRow;
  readonly rowId: string;
  readonly index: number;
  readonly code: string;
  readonly nowMs: number;
  readonly focused: boolean;
  readonly selected: boolean;
  /** It belongs to the story of the row above. */
  readonly related: boolean;
  /** It no longer fits the filter and leaves with the next change that a person makes. */
  readonly leaving: boolean;
  readonly spark: SparklineData;
  readonly onFocus: () => void;
  readonly onOpen: () => void;
  readonly onSelect: () => void;
}

/** One incident in a line: how bad, how old, where, what, how it looks, whose. */
export const IncidentRow = memo(function IncidentRow(props: IncidentRowProps) {
  const { row, rowId, index, code, nowMs, focused, selected, related, leaving, spark } = props;
  const { incident, pending } = row;
  const over = incident.state === 'RESOLVED';
  const service = visibleText(incident.first_mover.service);
  const others = otherServices(incident).length;
  const age = ago(nowMs - incident.first_mover.at_ms);
  const title = visibleText(incident.title);
  const sentence = title.startsWith(`${service}: `) ? title.slice(service.length + 2) : title;
  return (
    <div
      aria-busy={pending !== null || undefined}
      aria-rowindex={index + 1}
      aria-selected={selected}
      className={`incident-row ${leaving ? 'opacity-55' : ''}`}
      data-focused={focused || undefined}
      data-incident={incident.incident_id}
      id={rowId}
      role="row"
      tabIndex={-1}
      onClick={props.onFocus}
      onDoubleClick={props.onOpen}
    >
      <span className="grid place-items-center" role="gridcell">
        <input
          aria-label={`Select ${incident.key}`}
          checked={selected}
          className="size-3.5 accent-accent"
          tabIndex={-1}
          type="checkbox"
          onChange={props.onSelect}
          onClick={(event) => event.stopPropagation()}
        />
      </span>
      <span role="gridcell">
        <SeverityBadge calm={over || incident.silence_id !== null} severity={incident.severity} />
      </span>
      <span className="text-xs text-text-3" role="gridcell" title={`began ${age}`}>
        {age.replace(' ago', '')}
      </span>
      <span className="cluster-code" role="gridcell">
        {code}
      </span>
      <span className="truncate" role="gridcell" title={title}>
        {related && <span className="text-text-3">↳ </span>}
        <span className={`font-medium ${over ? 'text-text-2' : 'text-text-1'}`}>{service}</span>
        {others > 0 && <span className="text-text-3"> +{others}</span>} <span className="text-text-2">{sentence}</span>
      </span>
      <span className="grid place-items-center @max-[1223px]:hidden" role="gridcell">
        <Sparkline data={spark} height={20} width={60} />
      </span>
      <span className="truncate text-right text-xs leading-4" role="gridcell">
        <span className={`block truncate ${pending === null ? stateLook(row) : 'pending-word text-text-1'}`}>
          {pending === null ? ownerOrState(row) : pending.waiting ? 'waiting' : ownerOrState(row)}
        </span>
        {!over && <span className="block truncate text-text-3">{firingWords(incident, nowMs)}</span>}
      </span>
    </div>
  );
});

function ownerOrState({ incident }: DeskRow): string {
  if (incident.state === 'ACK') return `✓ ${visibleText(incident.assigned_to ?? incident.acked_by ?? 'acked')}`;
  return incident.state === 'OPEN' && incident.assigned_to !== null && incident.silence_id === null
    ? visibleText(incident.assigned_to)
    : incidentState(incident);
}

function stateLook({ incident }: DeskRow): string {
  return incident.state === 'OPEN' && incident.silence_id === null ? 'text-text-1' : 'text-text-2';
}
