import Anthropic, {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  APIUserAbortError,
  RateLimitError,
} from '@anthropic-ai/sdk';
import { ANALYSIS_CONFIDENCES, type Analysis } from '@sentinellog/shared';
import { z } from 'zod';
import { promptOf } from './claude-prompt.ts';
import type { IncidentFacts } from './incident-facts.ts';

export interface ClaudeSettings {
  readonly apiKey: string;
  readonly model: string;
  readonly maxTokens: number;
  /** Another address, for a proxy; absent: Anthropic's own. */
  readonly baseUrl: string | undefined;
  readonly timeoutMs: number;
  readonly redact: readonly string[];
}

/** Why there is no analysis; the same word goes to log, metric and answer. */
export type AnalysisFailure =
  | 'timeout'
  | 'unreachable'
  | 'refused'
  | 'rate_limited'
  | 'not_json'
  | 'not_as_asked'
  | 'no_evidence';

export type AnalysisOutcome =
  | { readonly type: 'analysis'; readonly analysis: Analysis; readonly tokens: number }
  | { readonly type: 'failed'; readonly reason: AnalysisFailure; readonly tokens: number };

const AnswerSchema = z.object({
  summary: z.string().min(1).max(300),
  hypotheses: z
    .array(
      z.object({
        cause: z.string().min(1).max(600),
        confidence: z.enum(ANALYSIS_CONFIDENCES),
        evidence: z.array(z.number().int()).min(1).max(20),
      }),
    )
    .min(2)
    .max(3),
  affected_services: z.array(z.string().max(256)).max(50),
  steps: z.array(z.string().min(1).max(600)).min(1).max(8),
});
const MAX_SUMMARY_CHARS = 120;

/** Asks Claude once: redacted facts in, a checked analysis out. Never throws; no tools, no memory, one request. */
export async function askClaude(
  settings: ClaudeSettings,
  facts: IncidentFacts,
  nowMs: number,
  signal: AbortSignal,
): Promise<AnalysisOutcome> {
  const prompt = promptOf(facts, settings.redact);
  const client = new Anthropic({
    apiKey: settings.apiKey,
    // Environment variables of the SDK must not redirect what an incident says.
    authToken: null,
    baseURL: settings.baseUrl ?? 'https://api.anthropic.com',
    timeout: settings.timeoutMs,
    maxRetries: 0,
  });
  let answer: Anthropic.Message;
  try {
    answer = await client.messages.create(
      {
        model: settings.model,
        max_tokens: settings.maxTokens,
        system: prompt.system,
        messages: [{ role: 'user', content: prompt.user }],
      },
      { signal },
    );
  } catch (error) {
    return { type: 'failed', reason: failureOf(error), tokens: 0 };
  }
  const tokens = answer.usage.input_tokens + answer.usage.output_tokens;
  const text = answer.content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('');
  const checked = check(text, prompt.factLines, facts, nowMs);
  return typeof checked === 'string'
    ? { type: 'failed', reason: checked, tokens }
    : { type: 'analysis', analysis: checked, tokens };
}

/** What comes back is text from outside: only what fits the schema and points at given facts is shown. */
function check(
  text: string,
  factLines: readonly string[],
  { incident }: IncidentFacts,
  nowMs: number,
): Analysis | AnalysisFailure {
  const json = /\{[\s\S]*\}/.exec(text)?.[0];
  if (json === undefined) return 'not_json';
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return 'not_json';
  }
  const parsed = AnswerSchema.safeParse(value);
  if (!parsed.success) return 'not_as_asked';
  const { summary, hypotheses, affected_services, steps } = parsed.data;
  const known = new Set(incident.services);
  const proven = hypotheses.map(({ cause, confidence, evidence }) => ({
    cause: unlinked(cause),
    confidence,
    evidence: evidence.flatMap((number) => factLines[number - 1] ?? []),
  }));
  if (proven.some(({ evidence }) => evidence.length === 0)) return 'no_evidence';
  return {
    by: 'claude',
    at_ms: nowMs,
    summary: unlinked(summary).slice(0, MAX_SUMMARY_CHARS),
    hypotheses: proven,
    affected_services: affected_services.filter((service) => known.has(service)),
    steps: steps.map(unlinked),
  };
}

/** A link in an answer could only come from log text. */
const unlinked = (text: string) => text.replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, '[link removed]');

function failureOf(error: unknown): AnalysisFailure {
  if (error instanceof APIConnectionTimeoutError || error instanceof APIUserAbortError) return 'timeout';
  if (error instanceof RateLimitError) return 'rate_limited';
  if (error instanceof APIConnectionError) return 'unreachable';
  if (error instanceof APIError) return error.status !== undefined && error.status >= 500 ? 'unreachable' : 'refused';
  return 'not_json';
}
