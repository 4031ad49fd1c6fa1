import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { FRONT_KEY } from './front.ts';

const PROCESS = fileURLToPath(new URL('front-process.ts', import.meta.url));
const EVENTS_PER_BATCH = 100;

const dir = mkdtempSync(join(tmpdir(), 'front-kill-'));
const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(dir, { recursive: true });
});

async function start() {
  const child = spawn(process.execPath, [PROCESS, dir], { stdio: ['pipe', 'pipe', 'inherit'] });
  running.push(child);
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const url: string = (await answers.next()).value ?? '';
  const counters = async (): Promise<Record<string, unknown>> => {
    child.stdin.write('\n');
    const counts: unknown = JSON.parse((await answers.next()).value ?? '{}');
    return { ...(counts as object) };
  };
  const kill = async (): Promise<void> => {
    const exited = new Promise((resolve) => {
      child.once('exit', resolve);
    });
    child.kill('SIGKILL');
    await exited;
  };
  return { url, counters, kill };
}

/** The status, or undefined when the connection broke. */
function send(url: string, batchId: string, agent: http.Agent): Promise<number | undefined> {
  const line = `${JSON.stringify({ service: `service-${batchId.length}`, level: 'INFO', message: batchId })}\n`;
  const headers = { 'x-sentinel-key': FRONT_KEY, 'x-sentinel-batch-id': batchId };
  return new Promise((resolve) => {
    const request = http.request(`${url}/v1/ingest`, { method: 'POST', headers, agent }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
      response.on('error', () => resolve(undefined));
    });
    request.on('error', () => resolve(undefined));
    request.end(line.repeat(EVENTS_PER_BATCH));
  });
}

describe('kill -9 in the middle of load', () => {
  it('counts every batch exactly once after the restart, when senders repeat what was not answered', async () => {
    const unanswered = new Set<string>();
    let acknowledged = 0;
    let sent = 0;
    for (let cycle = 0; cycle < 5; cycle++) {
      const front = await start();
      const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
      const pending = [...unanswered];
      const killed = new AbortController();
      const sender = async (): Promise<void> => {
        while (!killed.signal.aborted) {
          const batchId = pending.pop() ?? `batch-${sent++}`;
          unanswered.add(batchId);
          const status = await send(front.url, batchId, agent);
          if (status !== 202) continue;
          unanswered.delete(batchId);
          acknowledged++;
        }
      };
      const senders = Array.from({ length: 8 }, sender);
      await new Promise((resolve) => setTimeout(resolve, 300 + 70 * cycle));
      await front.kill();
      killed.abort();
      await Promise.all(senders);
      agent.destroy();
    }
    const front = await start();
    const agent = new http.Agent({ keepAlive: true });
    for (const batchId of unanswered) expect(await send(front.url, batchId, agent)).toBe(202);
    agent.destroy();
    let counters = await front.counters();
    while (counters['hasCaughtUp'] !== true) counters = await front.counters();
    await front.kill();
    expect(acknowledged).toBeGreaterThan(50);
    expect(counters).toMatchObject({ accepted: sent * EVENTS_PER_BATCH, rejected: 0 });
  });
});
