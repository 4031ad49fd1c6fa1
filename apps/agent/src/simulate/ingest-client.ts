import { type IngestAnswer, IngestAnswerSchema, type Problem, ProblemSchema } from '@sentinellog/shared';
import { backOffMs, retryAfterMs } from './back-off.ts';
import type { Chance } from './random.ts';
import { SimulationError } from './simulation-error.ts';

/** Longer than any fsync; an agent that takes longer than this for one batch is not there. */
const ATTEMPT_TIMEOUT_MS = 30_000;
/** About 25 s of waiting: an agent that has never answered by then is not coming. */
const ATTEMPTS_BEFORE_FIRST_CONTACT = 8;
/** One that has answered may be restarted or upgraded meanwhile; after five minutes nobody is. */
const PATIENCE_MS = 300_000;
/** Where nobody says in a problem document whether a retry makes sense: a proxy, or an agent on its way up or down. */
const RETRYABLE_STATUS = [408, 429, 502, 503, 504];

export interface IngestClientOptions {
  readonly url: string;
  readonly key: string;
  readonly fetch: typeof fetch;
  /** Resolves after so many milliseconds, or at once when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly now: () => number;
  readonly chance: Chance;
  readonly onRetry: (reason: string, waitMs: number) => void;
}

/** What one attempt came to. */
type Attempt =
  | { readonly type: 'answered'; readonly answer: IngestAnswer }
  | { readonly type: 'again'; readonly reason: string; readonly waitMs: number | undefined };

/** Sends batches to `POST /v1/ingest` as a careful shipper does: one id a batch for all its attempts, back-off as asked. */
export class IngestClient {
  readonly #options: IngestClientOptions;
  readonly #endpoint: URL;
  #hasAnswered = false;

  constructor(options: IngestClientOptions) {
    this.#options = options;
    this.#endpoint = new URL('/v1/ingest', options.url);
  }

  /**
   * Resolves with the agent's answer, or with null when the signal aborted while there was none.
   * @throws SimulationError when the agent refuses for good, never was there, or is gone for five minutes
   */
  async send(body: Uint8Array<ArrayBuffer>, batchId: string, signal: AbortSignal): Promise<IngestAnswer | null> {
    const startedMs = this.#options.now();
    for (let attempt = 1; ; attempt++) {
      const result = await this.#attempt(body, batchId);
      if (result.type === 'answered') return result.answer;
      if (signal.aborted) return null;
      const isHopeless = this.#hasAnswered
        ? this.#options.now() - startedMs >= PATIENCE_MS
        : attempt >= ATTEMPTS_BEFORE_FIRST_CONTACT;
      if (isHopeless) {
        throw new SimulationError(`no agent answers at ${this.#endpoint.origin} (${result.reason}): is it running?`);
      }
      const waitMs = result.waitMs ?? backOffMs(attempt, this.#options.chance.next());
      this.#options.onRetry(result.reason, waitMs);
      await this.#options.sleep(waitMs, signal);
      if (signal.aborted) return null;
    }
  }

  /** One request. It is never aborted halfway: its lines would be counted or not, and nobody could say which. */
  async #attempt(body: Uint8Array<ArrayBuffer>, batchId: string): Promise<Attempt> {
    let response: Response;
    let text: string;
    try {
      response = await this.#options.fetch(this.#endpoint, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/x-ndjson',
          'X-Sentinel-Key': this.#options.key,
          'X-Sentinel-Batch-Id': batchId,
        },
        body,
        signal: AbortSignal.timeout(ATTEMPT_TIMEOUT_MS),
      });
      text = await response.text();
    } catch (error) {
      return { type: 'again', reason: reasonOf(error), waitMs: undefined };
    }
    const problem = problemOf(text);
    if (problem) this.#hasAnswered = true;
    if (problem?.retryable ?? RETRYABLE_STATUS.includes(response.status)) {
      const waitMs = retryAfterMs(response.headers.get('retry-after'), this.#options.now());
      return { type: 'again', reason: describe(response.status, text), waitMs };
    }
    const answer = IngestAnswerSchema.safeParse(parseJson(text));
    if (response.status === 202 && answer.success) {
      this.#hasAnswered = true;
      return { type: 'answered', answer: answer.data };
    }
    throw new SimulationError(
      `${this.#endpoint.href} answered ${describe(response.status, text)}${advice(response.status)}`,
    );
  }
}

function advice(status: number): string {
  if (status === 401 || status === 403) return ': pass an ingest key of this agent with --key, or its --data-dir';
  if (status === 404 || status === 202) return ': is this the URL of a SentinelLog agent?';
  return '';
}

function describe(status: number, text: string): string {
  const problem = problemOf(text);
  return problem ? `${status} ${problem.code} (${problem.detail})` : String(status);
}

function problemOf(text: string): Problem | undefined {
  return ProblemSchema.safeParse(parseJson(text)).data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Something between us and the agent answered in its own words; the status says enough.
  }
}

/** undici says only "fetch failed"; what went wrong is in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
