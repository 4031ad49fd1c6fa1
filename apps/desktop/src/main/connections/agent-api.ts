import { ProblemSchema } from '@sentinellog/shared';
import type { Answer } from '../../bridge/calls.ts';
import { type AgentCall, conflictOf } from '../../bridge/incident-calls.ts';
import { linesOf } from '../../bridge/line-splitter.ts';
import { failed } from './call-failure.ts';
import { networkFailure } from './network-failure.ts';

/** The most that the page asks for, an hour of seconds of 100 sources, is about 20 MB of columns. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
const TIMEOUT_MS = 10_000;
/** An explanation is complete within 2 s as a rule; a week of many sources may take longer, and shows rows meanwhile. */
const STREAM_TIMEOUT_MS = 60_000;
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
  { schema, ...call }: AgentCall<T>,
): Promise<Answer<T>> {
  const { origin } = door;
  let response: Response;
  let text: string | null;
  try {
    response = await send(fetchLike, door, call, AbortSignal.timeout(TIMEOUT_MS));
    text = await readText(response);
  } catch (error) {
    return networkFailure(origin, error);
  }
  if (text === null) return tooLarge(origin, call.path);
  const json = parseJson(text);
  if (!response.ok) return problemAnswer(origin, call.path, response.status, json);
  const parsed = schema.safeParse(json);
  return parsed.success
    ? { ok: true, value: parsed.data }
    : notAnAgent(origin, `its answer to ${call.path} is not of this API`);
}

/** The same for an answer that comes line by line; resolves with the last line. */
export async function askAgentLines<T>(
  fetchLike: typeof fetch,
  door: AgentDoor,
  { schema, ...call }: AgentCall<T>,
  onLine: (line: T) => void,
): Promise<Answer<T>> {
  const { origin } = door;
  const { path } = call;
  return readWhileItComes<T>(fetchLike, door, call, AbortSignal.timeout(TIMEOUT_MS), async (pieces) => {
    let last: Answer<T> = notAnAgent(origin, `its answer to ${path} says nothing`);
    for await (const line of linesOf(pieces)) {
      const parsed = schema.safeParse(parseJson(line));
      if (!parsed.success) return notAnAgent(origin, `its answer to ${path} is not of this API`);
      last = { ok: true, value: parsed.data };
      onLine(parsed.data);
    }
    return last;
  });
}

/**
 * The same for an answer that is read as `read` wishes while it comes.
 *
 * @param read takes the text in pieces, as the network cuts it
 * @param stop ends it at once when nobody waits for it any more
 */
export async function streamFromAgent(
  fetchLike: typeof fetch,
  door: AgentDoor,
  { path, body }: { readonly path: string; readonly body: unknown },
  read: (pieces: AsyncIterable<string>) => Promise<Answer<null>>,
  stop: AbortSignal,
): Promise<Answer<null>> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(STREAM_TIMEOUT_MS)]);
  const answer = await readWhileItComes(fetchLike, door, { method: 'POST', path, body }, signal, read);
  return stop.aborted && !answer.ok ? failed('stopped', 'The question was taken back') : answer;
}

async function readWhileItComes<T>(
  fetchLike: typeof fetch,
  door: AgentDoor,
  request: Omit<AgentCall<unknown>, 'schema'>,
  signal: AbortSignal,
  read: (pieces: AsyncIterable<string>) => Promise<Answer<T>>,
): Promise<Answer<T>> {
  const { origin } = door;
  const { path } = request;
  try {
    const response = await send(fetchLike, door, request, signal);
    if (response.ok) return await read(piecesOf(response));
    const text = await readText(response);
    return text === null ? tooLarge(origin, path) : problemAnswer(origin, path, response.status, parseJson(text));
  } catch (error) {
    return error instanceof AnswerTooLarge ? tooLarge(origin, path) : networkFailure(origin, error);
  }
}

function send(
  fetchLike: typeof fetch,
  { origin, token }: AgentDoor,
  { method, path, body, headers = {} }: Omit<AgentCall<unknown>, 'schema'>,
  signal: AbortSignal,
): Promise<Response> {
  return fetchLike(`${origin}${path}`, {
    method,
    redirect: 'manual',
    signal,
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** What an answer that is not a success says, in words. */
function problemAnswer(origin: string, path: string, status: number, json: unknown): Answer<never> {
  const problem = ProblemSchema.safeParse(json);
  if (!problem.success) return notAnAgent(origin, `it answered ${status} to ${path}`);
  const { code, detail, retryable } = problem.data;
  switch (status) {
    case 401:
      return failed(
        'wrong_token',
        `${origin} does not accept this access token: copy it again, or create a new one there`,
      );
    case 403:
      return failed('forbidden', `${origin}: this access token may not do that (${shortened(detail)})`);
    default: {
      const conflict = status === 409 ? conflictOf(json) : undefined;
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
  try {
    for await (const piece of piecesOf(response)) text += piece;
  } catch (error) {
    if (error instanceof AnswerTooLarge) return null;
    throw error;
  }
  return text;
}

class AnswerTooLarge extends Error {}

async function* piecesOf(response: Response): AsyncGenerator<string> {
  if (response.body === null) return;
  const decoder = new TextDecoder();
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new AnswerTooLarge();
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
