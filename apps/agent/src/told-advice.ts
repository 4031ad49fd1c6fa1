/** Advice as part of the story: which runbook was found and what it is likely about, said once and again when it changes. */
import type { Actor, IncidentDetail, TimelineEntry } from '@sentinellog/shared';
import type { EntryText } from './incident/desk-step.ts';
import type { IncidentDesk } from './incident/desk.ts';
import type { Log } from './telemetry/log.ts';

export interface ToldAdviceParts {
  /** null: there is no such incident. */
  readonly detailOf: (incidentId: string) => Promise<IncidentDetail | null>;
  readonly desk: Pick<IncidentDesk, 'remark'>;
  /** What people see of it outside may be shown anew. */
  readonly onAdvised: (incidentId: string) => Promise<void>;
  readonly log: Log;
}

const ADVISER: Actor = { kind: 'agent', name: 'analysis by rules', via: null };

/** Call it whenever what lies around an incident has been collected: with the lines come the words that runbooks are found by. */
export async function tellAdvice(
  { detailOf, desk, onAdvised, log }: ToldAdviceParts,
  incidentId: string,
): Promise<void> {
  const detail = await detailOf(incidentId);
  if (detail === null) return;
  const { incident, runbooks, analyses, timeline } = detail;
  const [best] = runbooks;
  const likely = analyses.find(({ by }) => by === 'rules')?.hypotheses[0];
  log.info(
    { event: 'runbooks.matched', incident_id: incidentId, runbooks: runbooks.length, best: best?.title ?? null },
    'looked for runbooks',
  );
  log.info(
    { event: 'analyzer.complete', incident_id: incidentId, by: 'rules', confidence: likely?.confidence ?? null },
    likely?.cause ?? incident.title,
  );
  const entries = [
    ...(best === undefined
      ? []
      : [
          {
            kind: 'runbook_matched' as const,
            text: `runbook "${best.title}" fits: ${best.because}`,
            links: [{ kind: 'runbook' as const, id: best.runbook_id }],
          },
        ]),
    // What is likely by a guess is shown with the incident, and is no part of what happened.
    ...(likely === undefined || likely.confidence === 'low'
      ? []
      : [{ kind: 'analysed' as const, text: `${likely.cause} (${likely.confidence} confidence)` }]),
  ].filter((entry) => isNews(entry, timeline));
  if (entries.length > 0) await desk.remark(incidentId, ADVISER, entries);
  await onAdvised(incidentId);
}

/** The same runbook, found for more reasons, is none. */
function isNews({ kind, text, links = [] }: EntryText, timeline: readonly TimelineEntry[]): boolean {
  const last = timeline.findLast((entry) => entry.kind === kind);
  if (last === undefined) return true;
  return links.length > 0 ? last.links[0]?.id !== links[0]?.id : last.text !== text;
}
