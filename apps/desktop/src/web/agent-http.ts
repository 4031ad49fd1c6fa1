import { ProblemSchema } from '@sentinellog/shared';
import type { z } from 'zod';
import type { Answer, CallError } from '../bridge/calls.ts';
import { type AgentCall, conflictOf } from '../bridge/incident-calls.ts';
import { linesOf } from '../bridge/line-splitter.ts';

/** A little longer than the agent's own limit for a query: its answer says more than our giving up. */
const TIMEOUT_MS = 20_000;

/** An explanation is complete within 2 s as a rule; a week of many sources may take longer, and shows rows meanwhile. */
const STREAM_TIMEOUT_MS = 60_000;

export type Fetch = (path: string, init: RequestInit) => Promise<Response>;

/** Calls of the agent that served this page; the session cookie goes along by itself. */
export class AgentHttp {
  readonly #fetch: Fetch;

  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  async get<T>(path: string, schema: z.ZodType<T>): Promise<Answer<T>> {
    return this.call({ method: 'GET', path, schema });
  }

  async send<T>(method: 'POST' | 'PATCH', path: string, body: unknown, schema: z.ZodType<T>): Promise<Answer<T>> {
    return this.call({ method, path, body, schema });
  }

  async call<T>({ method, path, body, headers, schema }: AgentCall<T>): Promise<Answer<T>> {
    const response = await this.#exchange(method, path, body, headers);
    if (!response.ok) return response;
    if (!response.value.ok) return { ok: false, error: await problemOf(response.value) };
    const parsed = schema.safeParse(await jsonOf(response.value));
    if (parsed.success) return { ok: true, value: parsed.data };
    return failure(
      'invalid_answer',
      `${method} ${path} was answered with something that this console does not know`,
      false,
    );
  }

  /** For an answer that comes line by line; resolves with the last of them. */
  async lines<T>({ schema, ...call }: AgentCall<T>, onLine: (line: T) => void): Promise<Answer<T>> {
    return this.#readWhileItComes<T>(call, AbortSignal.timeout(TIMEOUT_MS), async (pieces) => {
      let last: Answer<T> = failure('invalid_answer', `${call.method} ${call.path} was answered with nothing`, false);
      for await (const text of linesOf(pieces)) {
        const value = schema.parse(JSON.parse(text));
        onLine(value);
        last = { ok: true, value };
      }
      return last;
    });
  }

  /**
   * An answer that is read as `read` wishes while it comes.
   *
   * @param stop ends it at once when nobody waits for it any more
   */
  async stream(
    path: string,
    body: unknown,
    read: (pieces: AsyncIterable<string>) => Promise<Answer<null>>,
    stop: AbortSignal,
  ): Promise<Answer<null>> {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(STREAM_TIMEOUT_MS)]);
    return this.#readWhileItComes({ method: 'POST', path, body }, signal, read);
  }

  async #readWhileItComes<T>(
    { method, path, body, headers }: Omit<AgentCall<unknown>, 'schema'>,
    signal: AbortSignal,
    read: (pieces: AsyncIterable<string>) => Promise<Answer<T>>,
  ): Promise<Answer<T>> {
    const response = await this.#exchange(method, path, body, headers, signal);
    if (!response.ok) return response;
    if (!response.value.ok) return { ok: false, error: await problemOf(response.value) };
    try {
      return await read(piecesOf(response.value));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return failure('cut_off', `The agent stopped in the middle of its answer (${why}): ask again`, true);
    }
  }

  /** For answers without a body. */
  async delete(path: string): Promise<Answer<null>> {
    const response = await this.#exchange('DELETE', path, undefined);
    if (!response.ok) return response;
    return response.value.ok ? { ok: true, value: null } : { ok: false, error: await problemOf(response.value) };
  }

  async #exchange(
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
    signal: AbortSignal = AbortSignal.timeout(TIMEOUT_MS),
  ): Promise<Answer<Response>> {
    try {
      const response = await this.#fetch(path, {
        method,
        signal,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { ok: true, value: response };
    } catch (error) {
      const why =
        error instanceof Error && error.name === 'TimeoutError'
          ? `no answer within ${TIMEOUT_MS / 1000} s`
          : 'it cannot be reached';
      return failure('unreachable', `The agent did not answer: ${why}. Is it running?`, true);
    }
  }
}

async function problemOf(response: Response): Promise<CallError> {
  const json = await jsonOf(response);
  const parsed = ProblemSchema.safeParse(json);
  if (parsed.success) {
    const { code, title, detail, retryable } = parsed.data;
    const conflict = response.status === 409 ? conflictOf(json) : undefined;
    return {
      code,
      detail: detail === '' ? title : detail,
      retryable,
      ...(conflict === undefined ? {} : { conflict }),
    };
  }
  return {
    code: `http_${response.status}`,
    detail: `The agent answered with status ${response.status}`,
    retryable: false,
  };
}

/** `read` instead of `for await`: not every browser can iterate over a stream. */
async function* piecesOf(response: Response): AsyncGenerator<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let step = await reader?.read(); step !== undefined && !step.done; step = await reader?.read()) {
    yield step.value;
  }
}

async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function failure(code: string, detail: string, retryable: boolean): { readonly ok: false; readonly error: CallError } {
  return { ok: false, error: { code, detail, retryable } };
}
