import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problem, type AgentHealth } from '@sentinellog/shared';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as keys from './keys.ts';
import * as status from './status.ts';
import * as tokens from './tokens.ts';

const CREATED_MS = 1_767_225_600_000;
const TIMES = {
  created_at_ms: CREATED_MS,
  last_used_ms: null,
  revoked_at_ms: null,
  events_per_second: null,
  bytes_per_day: null,
};
const HEALTH: AgentHealth = {
  now_ms: CREATED_MS,
  state: 'degraded',
  degraded: ['postgres'],
  accepted_per_second: 120.4,
  rejected_per_second: 0,
  accepted_total: 2000,
  rejected_total: 10,
  late_total: 0,
  clamped_total: 0,
  duplicate_batches_total: 0,
  sources: 8,
  replay_pending_bytes: 0,
  journal_bytes: 3 * 1024 * 1024,
  checkpoint_age_seconds: 1.5,
  event_loop_lag_ms: 2,
  rss_bytes: 90 * 1024 * 1024,
};

/** What a server answers, by `METHOD path`. */
type Answers = Record<string, { readonly status: number; readonly body?: unknown }>;

async function run(...words: string[]): Promise<void> {
  const program = new Command('sentinellog').exitOverride();
  for (const { register } of [keys, tokens, status]) register(program);
  await program.parseAsync(words, { from: 'user' });
}

describe('commands that talk to an agent', () => {
  let dataDir: string;
  let url: string;
  let answers: Answers;
  let asked: { call: string; authorization: string | undefined; body: string }[];
  let printed: string;
  const server = createServer((request, response) => void respond(request, response));

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const call = `${request.method} ${request.url}`;
    asked.push({ call, authorization: request.headers.authorization, body });
    const answer = answers[call] ?? { status: 404, body: problem('not_found', 'there is nothing at this path', 'r-1') };
    response.writeHead(answer.status, answer.status === 302 ? { location: '/elsewhere' } : {});
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  }

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'cli-'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening on a port');
    url = `http://127.0.0.1:${address.port}`;
    await writeFile(join(dataDir, 'agent.json'), JSON.stringify({ url, pid: 4711 }));
    await writeFile(join(dataDir, 'credentials.json'), JSON.stringify({ adminToken: 'slt_admin', ingestKey: 'slk_x' }));
    answers = {};
    asked = [];
    printed = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed += String(text);
      return true;
    });
  });

  afterEach(async () => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
    server.closeAllConnections();
    server.close();
    await rm(dataDir, { recursive: true });
  });

  it('find the agent of a data folder and print a new key once, with how to use it', async () => {
    const key = { ...TIMES, key_id: 'k1', name: 'fluent-bit', tenant: 'default', service: 'orders', key: 'slk_secret' };
    answers['POST /v1/keys'] = { status: 201, body: key };
    await run('keys', 'create', '--name', 'fluent-bit', '--source', 'orders', '--data-dir', dataDir);
    expect(asked).toEqual([
      { call: 'POST /v1/keys', authorization: 'Bearer slt_admin', body: '{"name":"fluent-bit","source":"orders"}' },
    ]);
    expect(printed).toContain(`slk_secret\n\nKeep it now`);
    expect(printed).toContain(`curl ${url}/v1/ingest`);
    printed = '';
    await run('keys', 'create', '--name', 'a', '--json', '--data-dir', dataDir);
    expect(JSON.parse(printed)).toEqual(key);
  });

  it('rotate a key, print its successor once and say how long the old one works', async () => {
    const key = { ...TIMES, key_id: 'k2', name: 'fluent-bit', tenant: 'default', service: null, key: 'slk_successor' };
    answers['POST /v1/keys/k1:rotate'] = { status: 201, body: key };
    await run('keys', 'rotate', 'k1', '--grace', '48', '--data-dir', dataDir);
    expect(asked.map(({ body }) => body)).toEqual(['{"grace_hours":48}']);
    expect(printed).toContain('slk_successor\n\nKeep it now');
    await expect(run('keys', 'rotate', 'k1', '--grace', 'soon', '--data-dir', dataDir)).rejects.toThrow('--grace soon');
  });

  it('set and lift the limits of a key', async () => {
    const key = { ...TIMES, key_id: 'k1', name: 'a', tenant: 'default', service: null, events_per_second: 500 };
    answers['PATCH /v1/keys/k1'] = { status: 200, body: key };
    await run('keys', 'limit', 'k1', '--events-per-second', '500', '--bytes-per-day', 'none', '--data-dir', dataDir);
    expect(asked.map(({ body }) => body)).toEqual(['{"events_per_second":500,"bytes_per_day":null}']);
    expect(printed).toBe('key k1: 500 events a second, any number of bytes a day\n');
    await expect(run('keys', 'limit', 'k1', '--data-dir', dataDir)).rejects.toThrow('give --events-per-second');
  });

  it('list keys as a table in which no name can move the cursor', async () => {
    const hostile = { ...TIMES, key_id: 'k1', name: '\u001b[2Jowned\nrow', tenant: 'default', service: null };
    answers['GET /v1/keys'] = { status: 200, body: { keys: [hostile] } };
    await run('keys', 'list', '--data-dir', dataDir);
    expect(printed.split('\n')).toEqual([
      'ID  NAME                     SOURCE  CREATED               LAST USED  REVOKED',
      'k1  \\u001b[2Jowned\\u000arow  (any)   2026-01-01T00:00:00Z  -          -',
      '',
    ]);
  });

  it('list tokens, make and revoke them', async () => {
    const token = { ...TIMES, token_id: 't1', name: 'Vera', role: 'operator' };
    answers['GET /v1/tokens'] = { status: 200, body: { tokens: [token] } };
    answers['POST /v1/tokens'] = { status: 201, body: { ...token, token: 'slt_secret' } };
    answers['DELETE /v1/tokens/t%2F1'] = { status: 204, body: '' };
    await run('tokens', 'list', '--data-dir', dataDir);
    await run('tokens', 'create', '--name', 'Vera', '--role', 'operator', '--data-dir', dataDir);
    await run('tokens', 'revoke', 't/1', '--data-dir', dataDir);
    expect(printed).toMatch(/t1 {2}Vera {2}operator/);
    expect(printed).toContain('slt_secret\n');
    expect(printed).toContain('token t/1 is revoked');
  });

  it('say how the agent is', async () => {
    const agent = { agent_id: 'a', name: 'prod', code: 'EU', version: '0.1.0', started_at_ms: CREATED_MS };
    answers['GET /v1/agent'] = { status: 200, body: { agent, health: HEALTH } };
    await run('status', '--url', `${url}/`, '--token', 'slt_vera');
    expect(asked[0]).toMatchObject({ call: 'GET /v1/agent', authorization: 'Bearer slt_vera' });
    expect(printed).toContain('State       degraded (postgres)');
    expect(printed).toContain('Accepted    2000 events, 120/s now');
    expect(printed).toContain('Journal     3.0 MiB');
    expect(process.exitCode).toBeUndefined();
    answers['GET /v1/agent'] = { status: 200, body: { agent, health: { ...HEALTH, state: 'draining' } } };
    await run('status', '--data-dir', dataDir);
    expect(process.exitCode).toBe(1);
  });

  it.each([
    [
      'a refusal',
      { status: 403, body: problem('forbidden', 'this needs the scope admin', 'r-9') },
      /lacks the scope.*needs the scope admin \(403, request r-9\)/,
    ],
    ['another program', { status: 502, body: '<html>' }, /does not look like a SentinelLog agent/],
    ['another shape', { status: 200, body: { keys: 'none' } }, /something unexpected/],
    ['a redirect', { status: 302, body: '' }, /cannot reach the agent/],
  ])('say in one line what went wrong: %s', async (_what, answer, message) => {
    answers['GET /v1/keys'] = answer;
    const failure = run('keys', 'list', '--data-dir', dataDir);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toMatchObject({ name: 'CliError', message: expect.not.stringContaining('\n') });
  });

  it('do not carry the token to where a redirect points', async () => {
    answers['GET /v1/keys'] = { status: 302, body: '' };
    await expect(run('keys', 'list', '--data-dir', dataDir)).rejects.toThrow();
    expect(asked.map(({ call }) => call)).toEqual(['GET /v1/keys']);
  });

  it('say what to do when no agent can be found', async () => {
    await expect(run('status', '--data-dir', join(dataDir, 'none'))).rejects.toThrow(
      /agent\.json: start an agent there/,
    );
    await expect(run('status', '--url', 'ftp://x')).rejects.toThrow('--url must be like http://127.0.0.1:8400');
    await expect(run('status', '--url', 'http://127.0.0.1:1', '--token', 't')).rejects.toThrow(
      /cannot reach the agent/,
    );
    await writeFile(join(dataDir, 'agent.json'), '{"url":');
    await expect(run('status', '--data-dir', dataDir)).rejects.toThrow(/agent\.json is damaged/);
  });

  it('explain themselves with an example each', () => {
    const program = new Command('sentinellog');
    for (const { register } of [keys, tokens, status]) register(program);
    const leaves = program.commands.flatMap((command) => (command.commands.length > 0 ? command.commands : [command]));
    expect(leaves).toHaveLength(9);
    for (const leaf of leaves) {
      let help = '';
      leaf.configureOutput({ writeOut: (text) => (help += text) });
      leaf.outputHelp();
      expect(help).toContain('Example: sentinellog ');
    }
  });
});
