import type { Incident, Runbook, RunbookMatch } from '@sentinellog/shared';
import { matchesGlob } from '../pipeline/glob.ts';

/** What an incident is about, as far as a search for advice needs it. */
export interface RunbookQuestion {
  readonly services: readonly string[];
  readonly firstMover: string;
  /** `error_rate`, `volume` …, and which way. */
  readonly signals: readonly { readonly signal: string; readonly direction: 'high' | 'low' }[];
  /** Sample lines and reasons: where the telling words are. */
  readonly texts: readonly string[];
}

/** A match with what to do. */
export type MatchedRunbook = RunbookMatch & { readonly steps: readonly string[] };

/** Where runbooks lie; rejects with RequestError `storage_unavailable` when the database is away. */
export interface RunbookSearch {
  search(text: string, limit: number): Promise<readonly { readonly runbook: Runbook; readonly rank: number }[]>;
}

/** How many are looked at, and how many are worth a tired person's attention. */
const CANDIDATES = 50;
const SHOWN = 3;
/**
 * A runbook for this very service counts as much as a page full of the right words (`ts_rank` of shipped runbooks against
 * the simulator's cascade is 0.2 to 0.6); a pattern that merely covers the service is a hint.
 */
const NAMED_SERVICE = 0.5;
const COVERED_SERVICE = 0.1;
/** Below this, words agree by chance ("the", "error"). */
const LEAST_SCORE = 0.15;

const SIGNAL_WORDS: Readonly<Record<string, readonly string[]>> = {
  'volume:low': ['silence', 'stopped', 'quiet', 'absent'],
  'volume:high': ['volume', 'burst'],
  'error_rate:high': ['error_rate', 'errors'],
  'latency_p99:high': ['latency', 'slow', 'timeout'],
  'new_templates:high': ['new', 'exception', 'regression'],
};

/** The runbooks that fit best, best first; none when none fits. */
export async function matchRunbooks(search: RunbookSearch, question: RunbookQuestion): Promise<MatchedRunbook[]> {
  const signalWords = question.signals.flatMap(({ signal, direction }) => SIGNAL_WORDS[`${signal}:${direction}`] ?? []);
  const words = [...signalWords, question.firstMover, ...question.texts].join(' ');
  const found = await search.search(words, CANDIDATES);
  return found
    .map(({ runbook, rank }) => scored(runbook, rank, question))
    .filter(({ score }) => score >= LEAST_SCORE)
    .toSorted((a, b) => b.score - a.score || a.title.localeCompare(b.title))
    .slice(0, SHOWN);
}

function scored(runbook: Runbook, rank: number, { services, firstMover }: RunbookQuestion): MatchedRunbook {
  const named = services.filter((service) => runbook.services_affected.includes(service));
  const covered = services.filter((service) => runbook.services_affected.some((glob) => matchesGlob(glob, service)));
  const first = named.includes(firstMover) ? NAMED_SERVICE : 0;
  const score = rank + first + (named.length > 0 ? NAMED_SERVICE / 2 : covered.length > 0 ? COVERED_SERVICE : 0);
  const because = [
    ...(named.length > 0 ? [`written for ${named.join(', ')}`] : covered.length > 0 ? [`covers ${covered[0]}`] : []),
    ...(rank > 0 ? ['speaks of what the lines say'] : []),
  ].join('; ');
  const { runbook_id, title, resolution_steps: steps } = runbook;
  return { runbook_id, title, because, score: Math.round(score * 1000) / 1000, steps };
}

/** The question that an incident puts. @param lines messages of its sample lines, hostile text, used as words only */
export function questionOf(incident: Incident, lines: readonly string[]): RunbookQuestion {
  return {
    services: incident.services,
    firstMover: incident.first_mover.service,
    signals: incident.alerts.map(({ signal, direction }) => ({ signal, direction })),
    texts: [...lines, ...incident.alerts.map(({ reason }) => reason)],
  };
}
