import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { type SearchLine, SearchLineSchema, type SearchRequestInput } from '@sentinellog/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentProcess, eventually } from './agent-process.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const EVENTS_A_BATCH = 2000;
const BATCHES = 20;
const agent = new AgentProcess();
const sent: string[] = [];
let fromMs = 0;

beforeAll(async () => {
  await agent.start();
  fromMs = Math.floor(Date.now() / 1000) * 1000 - 60_000;
  for (let n = 0; n < BATCHES; n++) {
    const lines = Array.from({ length: EVENTS_A_BATCH }, (_, i) => lineOf(n * EVENTS_A_BATCH + i));
    const response = await agent.ingest(`${lines.join('\n')}\n`);
    if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
    sent.push(...lines);
  }
}, 120_000);
afterAll(() => agent.remove());

function lineOf(n: number): string {
  const time = new Date(fromMs + n).toISOString();
  const level = n % 100 === 0 ? 'error' : 'info';
  return `{"timestamp":"${time}", "service":"svc-${n % 4}","level":"${level}","message":"order ${n} caf\\u00e9 ☕","took":${n}.0}`;
}

const headers = () => ({
  authorization: `Bearer ${agent.credentials.adminToken}`,
  'content-type': 'application/json',
});

function post(request: SearchRequestInput, signal?: AbortSignal): Promise<Response> {
  const body = JSON.stringify({ from: fromMs - 1000, ...request });
  return fetch(`${agent.url}/v1/search`, { method: 'POST', headers: headers(), body, ...(signal && { signal }) });
}

async function search(request: SearchRequestInput): Promise<readonly SearchLine[]> {
  const response = await post(request);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => SearchLineSchema.parse(JSON.parse(line)));
}

function run(...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words, '--data-dir', agent.dataDir], {
    encoding: 'utf8',
    timeout: 60_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, stdout, stderr };
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${agent.url}/metrics`, { headers: headers() })).text();
  const line = text
    .split('\n')
    .find((one) => one.startsWith(`sentinellog_${name} `) || one.startsWith(`sentinellog_${name}{`));
  return Number(line?.split(' ').at(-1));
}

describe('search and export, on a whole agent', { timeout: 120_000 }, () => {
  it('finds one line among forty thousand, by its words and by its fields', async () => {
    for (const query of ['"order 31337 "', 'took:31337.0', 'message:/order 313[3]7 /', 'svc-1 "order 31337 café ☕"']) {
      const lines = await search({ query });
      expect(
        lines.filter(({ type }) => type === 'hit'),
        query,
      ).toHaveLength(1);
      expect(lines.at(-1)).toMatchObject({ type: 'done', reason: 'complete', matched: 1, damaged_blocks: 0 });
    }
  });

  it('counts as the tally has counted', async () => {
    const lines = await search({ query: 'level:error', limit: 0, by: 'service', step: '10s' });
    const total = lines.find(({ type }) => type === 'aggregate');
    expect(total).toMatchObject({ total: 400, by_value: [{ value: 'svc-0', count: 400 }] });
  });

  it('gives an hour back byte for byte, and says how many events it was', async () => {
    const file = join(agent.dataDir, 'hour.ndjson');
    const { status, stderr } = run('export', '--from', new Date(fromMs).toISOString(), '-o', file);
    expect(stderr).toContain(`${sent.length} events in`);
    expect(status).toBe(0);
    expect(readFileSync(file, 'utf8').split('\n').toSorted()).toEqual([...sent, ''].toSorted());
    const zipped = run('export', 'took:<10', '--from', new Date(fromMs).toISOString(), '--gzip', '-o', `${file}.gz`);
    expect(zipped.status).toBe(0);
    expect(gunzipSync(readFileSync(`${file}.gz`)).toString()).toBe(`${sent.slice(0, 10).join('\n')}\n`);
  });

  it('answers on the command line, with its exit code', () => {
    const found = run('search', '"order 31337 "', '--from', '1h');
    expect(found).toMatchObject({ status: 0 });
    expect(found.stdout).toContain('svc-1 INFO  order 31337 café ☕\n');
    expect(found.stderr).toMatch(/^1 found in [\d.]+ MB of log text/);
    expect(run('search', 'absent-text').status).toBe(2);
    expect(run('search', '--regex', 'order 1234[0-9] ', '--by', 'service').stdout).toMatch(/svc-0 +3\n/);
    const wrong = run('search', '(open');
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toContain('query, column 1: this "(" is never closed');
  });

  it('lets a thread go when the one who asked is gone', async () => {
    const before = await metric('searches_total{outcome="cancelled"}');
    // Pages and pages, of which nobody reads the first.
    for (let n = 0; n < 6; n++) {
      const gone = new AbortController();
      await fetch(`${agent.url}/v1/export?from=${fromMs - 1000}&query=order`, {
        headers: headers(),
        signal: gone.signal,
      });
      gone.abort();
    }
    await eventually('the threads to be free', 20_000, async () =>
      (await metric('searches_running')) === 0 ? true : undefined,
    );
    expect(await metric('searches_total{outcome="cancelled"}')).toBeGreaterThanOrEqual(
      Number.isNaN(before) ? 0 : before,
    );
    expect((await search({ query: '"order 31337 "' })).at(-1)).toMatchObject({ matched: 1 });
  });

  it('writes down who has exported what', async () => {
    const { entries } = (await agent.get('/v1/audit?limit=50')) as { entries: { action: string; actor: string }[] };
    expect(entries.some(({ action }) => action === 'log.export')).toBe(true);
  });

  it('is killed in the middle of a search without harm', async () => {
    const searching = Array.from({ length: 2 }, () =>
      post({ query: 'NOT absent', limit: 10_000 }).then((r) => r.text()),
    );
    const settled = Promise.allSettled(searching);
    await agent.kill9();
    await settled;
    await agent.start();
    expect((await search({ query: 'order', limit: 0 })).at(-1)).toMatchObject({
      matched: sent.length,
      damaged_blocks: 0,
    });
  });
});
