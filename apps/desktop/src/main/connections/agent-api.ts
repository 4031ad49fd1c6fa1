import { ProblemSchema } from '@sentinellog/shared';
import type { Answer } from '../../bridge/calls.ts';
import { conflictOf, type AgentCall } from '../../bridge/incident-calls.ts';
import { LineSplitter } from '../../bridge/line-splitter.ts';
import { failed } from './call-failure.ts';
import { networkFailure } from './network-failure.ts';

/** The most that the page asks for, an hour of seconds of 100 sources, is about 20 MB of columns. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
const TIMEOUT_MS = 10_000;
/** Words from outside are shown, but never more of them than a person would read. */
const MAX_DETAIL_LENGTH = 300;

/** An agent's address, and what opens it. */
export interface AgentDoor {
  readonly origin: string;
  readonly token: string;
}

/**
 * Asks an agent's HTTP API and believes nothing: the time, the size and the shape of the answer are bounded, and a
 * redirect is not followed, because it would carry the token to somebody else.
 */
export async function askAgent<T>(
  fetchLike: typeof fetch,
  door: AgentDoor,
  { schema, ...request }: AgentCall<T>,
): Promise<Answer<T>> {
  const { origin } = door;
  const { path } = request;
  let response: Response;
  let text: string | null;
  try {
    response = await send(fetchLike, door, request);
    text = await readText(response);
  } catch (error) {
    return networkFailure(origin, error);
  }
  if (text === null) return tooLarge(origin, path);
  if (!response.ok) return refusal(door, path, response, text);
  const parsed = schema.safeParse(parseJson(text));
  return parsed.success
    ? { ok: true, value: parsed.data }
    : notAnAgent(origin, `its answer to ${path} is not of this API`);
}

/** The same for an answer that comes line by line; resolves with the last line. */
export async function askAgentLines<T>(
  fetchLike: typeof fetch,
  door: AgentDoor,
  { schema, ...request }: AgentCall<T>,
  onLine: (line: T) => void,
): Promise<Answer<T>> {
  const { origin } = door;
  const { path } = request;
  const splitter = new LineSplitter();
  let last: T | null = null;
  const take = (lines: readonly string[]): boolean =>
    lines.every((line) => {
      const parsed = schema.safeParse(parseJson(line));
      if (!parsed.success) return false;
      last = parsed.data;
      onLine(parsed.data);
      return true;
    });
  try {
    const response = await send(fetchLike, door, request);
    if (!response.ok) {
      const text = await readText(response);
      return text === null ? tooLarge(origin, path) : refusal(door, path, response, text);
    }
    for await (const piece of textsOf(response)) {
      if (piece === null) return tooLarge(origin, path);
      if (!take(splitter.push(piece))) return notAnAgent(origin, `its answer to ${path} is not of this API`);
    }
    if (!take(splitter.end()) || last === null) return notAnAgent(origin, `its answer to ${path} says nothing`);
    return { ok: true, value: last };
  } catch (error) {
    return networkFailure(origin, error);
  }
}

function send(
  fetchLike: typeof fetch,
  { origin, token }: AgentDoor,
  { method, path, body, headers = {} }: Omit<AgentCall<never>, 'schema'>,
): Promise<Response> {
  return fetchLike(`${origin}${path}`, {
    method,
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** What an agent's problem document says, in words; an answer that is none was not an agent's. */
function refusal({ origin }: AgentDoor, path: string, response: Response, text: string): Answer<never> {
  const json = parseJson(text);
  const problem = ProblemSchema.safeParse(json);
  if (!problem.success) return notAnAgent(origin, `it answered ${response.status} to ${path}`);
  const { code, detail, retryable } = problem.data;
  switch (response.status) {
    case 401:
      return failed(
        'wrong_token',
        `${origin} does not accept this access token: copy it again, or create a new one there`,
      );
    case 403:
      return failed('forbidden', `${origin}: this access token may not do that (${shortened(detail)})`);
    default: {
      const conflict = response.status === 409 ? conflictOf(json) : undefined;
      return {
        ok: false,
        error: {
          code: shortened(code),
          detail: shortened(detail),
          retryable,
          ...(conflict === undefined ? {} : { conflict }),
        },
      };
    }
  }
}

function tooLarge(origin: string, path: string): Answer<never> {
  return failed(
    'answer_too_large',
    `${origin} answered more than ${MAX_ANSWER_BYTES / 2 ** 20} MB to ${path}: ask for a shorter range`,
  );
}

function notAnAgent(origin: string, why: string): Answer<never> {
  return failed('not_an_agent', `${origin} is not a SentinelLog agent, or one of another version: ${why}`);
}

function shortened(text: string): string {
  return text.length > MAX_DETAIL_LENGTH ? `${text.slice(0, MAX_DETAIL_LENGTH)}…` : text;
}

/** `null` when it is longer than an answer may be; the rest is then not read. */
async function readText(response: Response): Promise<string | null> {
  let text = '';
  for await (const piece of textsOf(response)) {
    if (piece === null) return null;
    text += piece;
  }
  return text;
}

/** The body as it comes; null, and no more, when it is longer than an answer may be. */
async function* textsOf({ body }: Response): AsyncGenerator<string | null> {
  if (body === null) return;
  const decoder = new TextDecoder();
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) {
      yield null;
      return;
    }
    yield decoder.decode(chunk, { stream: true });
  }
  yield decoder.decode();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
