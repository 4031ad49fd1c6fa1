import { type Analysis, RequestError } from '@sentinellog/shared';
import type { Log } from '../telemetry/log.ts';
import type { AnalysisFailure, ClaudeSettings } from './claude-analyst.ts';
import { promptOf } from './claude-prompt.ts';
import type { IncidentFacts } from './incident-facts.ts';
import { rulesAnalysis } from './rules-analysis.ts';

/** Answers that were paid for. Rejects with RequestError `storage_unavailable` when the database is away. */
export interface AnalysisArchive {
  find(incidentId: string, promptHash: string): Promise<Analysis | null>;
  newest(incidentId: string): Promise<Analysis | null>;
  save(entry: {
    readonly incidentId: string;
    readonly promptHash: string;
    readonly tokens: number;
    readonly analysis: Analysis;
  }): Promise<void>;
  /** Tokens paid for since then. */
  tokensSince(ms: number): Promise<number>;
}

export interface AnalystDeps {
  readonly archive: AnalysisArchive;
  /** null: no key is set, and nothing is ever sent. */
  readonly claude: (ClaudeSettings & { readonly dailyTokens: number }) | null;
  readonly now: () => number;
  readonly log: Log;
}

const DAY_MS = 86_400_000;

const FAILURE_WORDS: Readonly<Record<AnalysisFailure, string>> = {
  timeout: 'it did not answer in time; try again',
  unreachable: 'it cannot be reached; try again later',
  refused: 'it refused the request: check analysis.apiKey and analysis.model',
  rate_limited: 'it asks for patience; try again in a minute',
  not_json: 'its answer was not what was asked for and is not shown',
  not_as_asked: 'its answer was not what was asked for and is not shown',
  no_evidence: 'its answer names no evidence among the facts and is not shown',
};

/** Says what an incident may be about: always by rules, and by Claude when a person asks and a key is set. */
export class Analyst {
  readonly #deps: AnalystDeps;
  /** One request an incident at a time: a second click waits for the first. */
  readonly #underWay = new Map<string, Promise<Analysis>>();
  /** Since the start. */
  readonly counters = { asked: 0, failed: 0, cached: 0 };

  constructor(deps: AnalystDeps) {
    this.#deps = deps;
  }

  /** Whether `ask` can do anything. */
  get isConfigured(): boolean {
    return this.#deps.claude !== null;
  }

  /** The deterministic one first, then Claude's newest, if there is one. Never asks anybody. */
  async known(facts: IncidentFacts): Promise<Analysis[]> {
    const byRules = rulesAnalysis(facts, this.#deps.now());
    const stored = await this.#deps.archive.newest(facts.incident.incident_id).catch(() => null);
    return stored === null ? [byRules] : [byRules, stored];
  }

  /** What would be sent, after redaction. */
  preview(facts: IncidentFacts): {
    readonly system: string;
    readonly user: string;
    readonly redacted: Readonly<Record<string, number>>;
  } {
    const { system, user, redacted } = promptOf(facts, this.#deps.claude?.redact ?? []);
    return { system, user, redacted };
  }

  /** Asks Claude, or gives what it answered to the same facts before. RequestError where it cannot. */
  async ask(facts: IncidentFacts, signal: AbortSignal): Promise<Analysis> {
    const id = facts.incident.incident_id;
    const running = this.#underWay.get(id);
    if (running !== undefined) return running;
    const asking = this.#ask(facts, signal).finally(() => this.#underWay.delete(id));
    this.#underWay.set(id, asking);
    return asking;
  }

  async #ask(facts: IncidentFacts, signal: AbortSignal): Promise<Analysis> {
    const { archive, claude, now, log } = this.#deps;
    if (claude === null)
      throw new RequestError(
        'invalid_request',
        'no key of a language model is set: analysis.apiKey or analysis.apiKeyFile',
      );
    const incidentId = facts.incident.incident_id;
    const { hash } = promptOf(facts, claude.redact);
    const before = await archive.find(incidentId, hash);
    if (before !== null) {
      this.counters.cached++;
      return before;
    }
    if ((await archive.tokensSince(now() - DAY_MS)) >= claude.dailyTokens)
      throw new RequestError(
        'quota_exceeded',
        `the day's ${claude.dailyTokens} tokens are used up (analysis.dailyTokens)`,
      );
    this.counters.asked++;
    const startedMs = now();
    // With its SDK, which a start should not wait for.
    const { askClaude } = await import('./claude-analyst.ts');
    const outcome = await askClaude(claude, facts, startedMs, signal);
    const failure = outcome.type === 'failed' ? outcome.reason : undefined;
    log.info(
      {
        event: 'analyzer.complete',
        incident_id: incidentId,
        by: 'claude',
        tokens: outcome.tokens,
        failure,
        took_ms: now() - startedMs,
      },
      failure === undefined ? 'analysis received' : FAILURE_WORDS[failure],
    );
    if (outcome.type === 'failed') {
      this.counters.failed++;
      throw new RequestError(
        'upstream_failed',
        `the language model gave no analysis: ${FAILURE_WORDS[outcome.reason]}`,
      );
    }
    await archive.save({ incidentId, promptHash: hash, tokens: outcome.tokens, analysis: outcome.analysis });
    return outcome.analysis;
  }
}
