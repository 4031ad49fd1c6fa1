import { ProblemSchema } from '@sentinellog/shared';
import type { z } from 'zod';
import type { Answer, CallError } from '../bridge/calls.ts';

/** A little longer than the agent's own limit for a query: its answer says more than our giving up. */
const TIMEOUT_MS = 20_000;

export type Fetch = (path: string, init: RequestInit) => Promise<Response>;

/** Calls of the agent that served this page; the session cookie goes along by itself. */
export class AgentHttp {
  readonly #fetch: Fetch;

  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  async get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<Answer<z.infer<Schema>>> {
    return this.#call('GET', path, undefined, schema);
  }

  async send<Schema extends z.ZodType>(
    method: 'POST' | 'PATCH',
    path: string,
    body: unknown,
    schema: Schema,
  ): Promise<Answer<z.infer<Schema>>> {
    return this.#call(method, path, body, schema);
  }

  /** For answers without a body. */
  async delete(path: string): Promise<Answer<null>> {
    const response = await this.#exchange('DELETE', path, undefined);
    if (!response.ok) return response;
    return response.value.ok ? { ok: true, value: null } : { ok: false, error: await problemOf(response.value) };
  }

  async #call<Schema extends z.ZodType>(
    method: string,
    path: string,
    body: unknown,
    schema: Schema,
  ): Promise<Answer<z.infer<Schema>>> {
    const response = await this.#exchange(method, path, body);
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

  async #exchange(method: string, path: string, body: unknown): Promise<Answer<Response>> {
    try {
      const response = await this.#fetch(path, {
        method,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
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
  const parsed = ProblemSchema.safeParse(await jsonOf(response));
  if (parsed.success) {
    const { code, title, detail, retryable } = parsed.data;
    return { code, detail: detail === '' ? title : detail, retryable };
  }
  return {
    code: `http_${response.status}`,
    detail: `The agent answered with status ${response.status}`,
    retryable: false,
  };
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
