/** What helps whoever has an incident: runbooks that fit it, what it may be about by rules, and Claude's word when asked. */
import type { Analysis, CorrelatedEvent, Incident, RunbookMatch, SimilarIncident } from '@sentinellog/shared';
import type { Analyst } from './analysis/analyst.ts';
import type { IncidentFacts, NotableCluster } from './analysis/incident-facts.ts';
import { questionOf } from './runbooks/match-runbooks.ts';
import type { RunbookShelf } from './runbooks/runbook-shelf.ts';

/** An incident with what is known around it, before any advice. */
export interface AdvisedIncident {
  readonly incident: Incident;
  readonly correlated: readonly CorrelatedEvent[];
  readonly similar: readonly SimilarIncident[];
}

export interface IncidentAdviceParts {
  readonly shelf: Pick<RunbookShelf, 'match'>;
  readonly analyst: Analyst;
  /** What kinds of lines stand out, largest share first; none where that is not known. */
  readonly clustersOf: (incident: Incident) => Promise<readonly NotableCluster[]>;
}

export class IncidentAdvice {
  readonly #parts: IncidentAdviceParts;

  constructor(parts: IncidentAdviceParts) {
    this.#parts = parts;
  }

  /** Asks nobody outside. */
  async enrich(
    found: AdvisedIncident,
  ): Promise<{ readonly runbooks: readonly RunbookMatch[]; readonly analyses: readonly Analysis[] }> {
    const facts = await this.#facts(found);
    const runbooks = facts.runbooks.map(({ runbook_id, title, because, score }) => ({
      runbook_id,
      title,
      because,
      score,
    }));
    return { runbooks, analyses: await this.#parts.analyst.known(facts) };
  }

  /** RequestError where no analysis can be had. */
  async ask(found: AdvisedIncident, signal: AbortSignal): Promise<Analysis> {
    return this.#parts.analyst.ask(await this.#facts(found), signal);
  }

  /** What `ask` would send. */
  async preview(found: AdvisedIncident) {
    const { analyst } = this.#parts;
    return { configured: analyst.isConfigured, ...analyst.preview(await this.#facts(found)) };
  }

  async #facts(found: AdvisedIncident): Promise<IncidentFacts> {
    const { shelf, clustersOf } = this.#parts;
    const lines = found.correlated.map(({ message }) => message);
    const [runbooks, clusters] = await Promise.all([
      shelf.match(questionOf(found.incident, lines)),
      clustersOf(found.incident).catch(() => []),
    ]);
    return { ...found, runbooks, clusters };
  }
}
