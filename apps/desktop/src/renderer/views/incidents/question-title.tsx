import { useConsole, useIncidents } from '../../stores/use-console.ts';
import type { IncidentRef } from '../../stores/incident-ref.ts';
import { incidentName } from '../../words/incident-words.ts';
import { plural } from '../../words/quantity.ts';

/** What a question is about, by name, or by number and cluster when there are several. */
export function useSubject(refs: readonly IncidentRef[]): string {
  const console = useConsole();
  const incidents = useIncidents();
  const [first] = refs;
  const row = first === undefined ? undefined : incidents.desk.row(first);
  const code = (agentId: string) => console.agent(agentId)?.saved.code ?? agentId;
  if (refs.length === 1 && row !== undefined) return incidentName(row.incident, code(row.agentId));
  return `${plural(refs.length, 'incident')} in ${[...new Set(refs.map(({ agentId }) => code(agentId)))].join(', ')}`;
}

export function QuestionTitle({ verb, refs }: { readonly verb: string; readonly refs: readonly IncidentRef[] }) {
  const subject = useSubject(refs);
  return (
    <h2 className="border-b border-line-1 px-4 py-3 text-sm font-semibold">
      {verb} <span className="font-normal text-text-2">{subject}</span>
    </h2>
  );
}
