import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ProblemSchema } from '@sentinellog/shared';
import type { Command } from 'commander';
import { z } from 'zod';
import { CliError } from './cli-error.ts';
import { printable } from './printable.ts';

const CALL_TIMEOUT_MS = 10_000;
/** Longer than any answer of the routes the CLI calls. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export interface AgentOptions {
  readonly url?: string;
  readonly token?: string;
  readonly dataDir?: string;
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

  async delete(path: string): Promise<void> {
    await this.#call('DELETE', path, undefined, z.unknown());
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
    if (status >= 400) {
      const problem = ProblemSchema.safeParse(json);
      throw new CliError(
        problem.success
          ? `${printable(problem.data.title)}: ${printable(problem.data.detail)} (${problem.data.status}, request ${printable(problem.data.request_id)})`
          : `${this.#url} answered ${status} and does not look like a SentinelLog agent`,
      );
    }
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
          // Stands in timelines beside who did it.
          'x-sentinel-via': 'cli',
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
