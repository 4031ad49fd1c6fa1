import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { ProblemSchema } from '@sentinellog/shared';
import type { Command } from 'commander';
import { request } from 'undici';
import { z } from 'zod';
import { CliError } from './cli-error.ts';
import { printable } from './printable.ts';

const CALL_TIMEOUT_MS = 10_000;
/** A long answer says something several times a second. */
const STREAM_TIMEOUT_MS = 60_000;
/** A line of an answer that comes line by line. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;
/** Longer than any answer of the routes the CLI calls. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export interface AgentOptions {
  readonly url?: string;
  readonly token?: string;
  readonly dataDir?: string;
}

export interface AgentDownload {
  readonly body: Readable;
  readonly trailers: Readonly<Record<string, string>>;
}

/** Written by a running agent into its data folder. */
const AgentFileSchema = z.object({ url: z.url({ protocol: /^https?$/ }), pid: z.number() });
const CredentialsSchema = z.object({ adminToken: z.string() });

/** Adds the options by which a command finds the agent it talks to. */
export function addAgentOptions(command: Command): Command {
  return command
    .option(
      '--data-dir <dir>',
      'data folder of an agent on this machine: its address and admin token are read there (default: .data)',
    )
    .option('--url <url>', 'address of the agent, for instance http://127.0.0.1:8400')
    .option(
      '--token <token>',
      'access token; better in the variable SENTINELLOG_TOKEN, where other users cannot see it',
    );
}

/**
 * Finds the agent to talk to: `--url` with a token, or an agent of this machine by its data folder.
 * Throws CliError that says what is missing.
 */
export async function findAgent(options: AgentOptions, env: NodeJS.ProcessEnv = process.env): Promise<AgentClient> {
  const given = options.token ?? env['SENTINELLOG_TOKEN'];
  if (options.url !== undefined) {
    if (!URL.canParse(options.url) || !/^https?:$/.test(new URL(options.url).protocol)) {
      throw new CliError('--url must be like http://127.0.0.1:8400');
    }
    if (given === undefined && options.dataDir === undefined) {
      throw new CliError('--url needs an access token: --token, or the variable SENTINELLOG_TOKEN');
    }
  }
  const dataDir = resolve(options.dataDir ?? env['SENTINELLOG_DATA_DIR'] ?? '.data');
  const url =
    options.url ??
    (await readJson(join(dataDir, 'agent.json'), AgentFileSchema, 'start an agent there, or give --url')).url;
  const token =
    given ??
    (await readJson(join(dataDir, 'credentials.json'), CredentialsSchema, 'give --token, or SENTINELLOG_TOKEN'))
      .adminToken;
  return new AgentClient(url, token);
}

/** Calls of the HTTP API, each with a time limit; whatever goes wrong is one clear line (CliError). */
export class AgentClient {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url.replace(/\/+$/, '');
    this.#token = token;
  }

  get url(): string {
    return this.#url;
  }

  get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
    return this.#call('GET', path, undefined, schema);
  }

  /** @param version of what the change was made from; refused with a conflict when that has changed since */
  post<Schema extends z.ZodType>(
    path: string,
    body: unknown,
    schema: Schema,
    version?: number,
  ): Promise<z.output<Schema>> {
    return this.#call('POST', path, body, schema, version);
  }

  patch<Schema extends z.ZodType>(path: string, body: unknown, schema: Schema): Promise<z.output<Schema>> {
    return this.#call('PATCH', path, body, schema);
  }

  async delete(path: string): Promise<void> {
    await this.#call('DELETE', path, undefined, z.unknown());
  }

  /** An answer that comes line by line, each as soon as it is there. Leaving the loop hangs up. */
  async *postForLines<Schema extends z.ZodType>(
    path: string,
    body: unknown,
    schema: Schema,
  ): AsyncGenerator<z.output<Schema>> {
    const answer = await this.#stream('POST', path, body);
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of this.#reading(answer.body)) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > MAX_LINE_BYTES) throw new CliError(`${this.#url} answered with a line without an end`);
      for (const line of lines) {
        const parsed = schema.safeParse(parseJson(line));
        if (!parsed.success) throw new CliError(`${this.#url} answered something unexpected: is it of this version?`);
        yield parsed.data;
      }
    }
  }

  /** The bytes of a long answer, in gzip; the trailers are there once they have all been read. */
  download(path: string): Promise<AgentDownload> {
    return this.#stream('GET', path, undefined);
  }

  async #stream(method: 'GET' | 'POST', path: string, body: unknown): Promise<AgentDownload> {
    try {
      const {
        statusCode,
        body: answer,
        trailers,
      } = await request(this.#url + path, {
        method,
        headers: {
          authorization: `Bearer ${this.#token}`,
          ...(method === 'GET' && { 'accept-encoding': 'gzip' }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        headersTimeout: STREAM_TIMEOUT_MS,
        bodyTimeout: STREAM_TIMEOUT_MS,
      });
      if (statusCode < 400) return { body: answer, trailers };
      throw this.#refusal(statusCode, parseJson(await answer.text()));
    } catch (error) {
      if (error instanceof CliError) throw error;
      throw new CliError(`cannot reach the agent at ${this.#url}: ${causeOf(error)}`, { cause: error });
    }
  }

  async *#reading(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      throw new CliError(`the agent at ${this.#url} hung up: ${causeOf(error)}`, { cause: error });
    }
  }

  #refusal(status: number, answer: unknown): CliError {
    const problem = ProblemSchema.safeParse(answer);
    if (!problem.success)
      return new CliError(`${this.#url} answered ${status} and does not look like a SentinelLog agent`);
    const { title, detail, status: said, request_id: id } = problem.data;
    return new CliError(`${printable(title)}: ${printable(detail)} (${said}, request ${printable(id)})`);
  }

  async #call<Schema extends z.ZodType>(
    method: string,
    path: string,
    body: unknown,
    schema: Schema,
    version?: number,
  ): Promise<z.output<Schema>> {
    const { status, text } = await this.#fetch(method, path, body, version);
    const json = text === '' ? undefined : parseJson(text);
    if (status >= 400) throw this.#refusal(status, json);
    const answer = schema.safeParse(json);
    if (answer.success) return answer.data;
    throw new CliError(`${this.#url} answered something unexpected: is it a SentinelLog agent of this version?`, {
      cause: answer.error,
    });
  }

  async #fetch(
    method: string,
    path: string,
    body: unknown,
    version?: number,
  ): Promise<{ status: number; text: string }> {
    try {
      const response = await fetch(this.#url + path, {
        method,
        headers: {
          authorization: `Bearer ${this.#token}`,
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(version !== undefined && { 'if-match': `"${version}"` }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        // A redirect would carry the token to somewhere else.
        redirect: 'error',
        signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      });
      return { status: response.status, text: await readLimited(response) };
    } catch (error) {
      if (error instanceof CliError) throw error;
      throw new CliError(`cannot reach the agent at ${this.#url}: ${causeOf(error)}`, { cause: error });
    }
  }
}

async function readLimited(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > MAX_ANSWER_BYTES)
      throw new CliError(`the answer of ${response.url} is longer than ${MAX_ANSWER_BYTES} bytes`);
  }
  return text + decoder.decode();
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${CALL_TIMEOUT_MS / 1000} s`;
  return error.cause instanceof Error ? error.cause.message : error.message;
}

async function readJson<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  remedy: string,
): Promise<z.output<Schema>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new CliError(`cannot read ${file}: ${remedy}`, { cause: error });
  }
  const content = schema.safeParse(parseJson(text));
  if (!content.success) throw new CliError(`${file} is damaged: ${remedy}`, { cause: content.error });
  return content.data;
}

/** Undefined when it is not JSON; the schema that follows says what should have been there. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
