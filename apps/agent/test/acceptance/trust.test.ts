import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  AgentStatusSchema,
  AnomalySchema,
  BaselineVersionListSchema,
  ExclusionSchema,
  ExpectationAnswerSchema,
  LadderAnswerSchema,
  RelearnAnswerSchema,
  SourceListSchema,
} from '@sentinellog/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentProcess, eventually } from './agent-process.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const HOUR_MS = 3_600_000;

const agent = new AgentProcess();

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; json: unknown }> {
  const response = await fetch(agent.url + path, {
    method,
    headers: {
      Authorization: `Bearer ${agent.credentials.adminToken}`,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: text === '' ? null : JSON.parse(text) };
}

/** Exit code and output of a command of the CLI. */
function cli(...args: readonly string[]): Promise<{ code: number; out: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], (error, out) => resolve({ code: Number(error?.code ?? 0), out }));
  });
}

async function paymentId(): Promise<string> {
  const { sources } = SourceListSchema.parse(await agent.get('/v1/sources'));
  return sources.find(({ service }) => service === 'payment-service')?.source_id ?? '';
}

describe('a detector one can trust, over the real API of a real agent', () => {
  const cascadeMs = Math.floor(Date.now() / 1000) * 1000 - HOUR_MS;
  beforeAll(async () => {
    await agent.start();
    const simulation = agent.run(
      'simulate',
      `--data-dir=${agent.dataDir}`,
      '--history=6h',
      '--once',
      '--seed=5',
      `--scenario=cascade@${new Date(cascadeMs).toISOString()}`,
    );
    await once(simulation, 'exit');
  }, 120_000);
  afterAll(() => agent.remove());

  /** What is over is in the list with the next checkpoint. */
  const cascade = () => eventually('the anomaly of the cascade', 10_000, recorded);
  const recorded = async () => {
    const anomalies = await agent.anomalies({ from: String(cascadeMs - 60_000), to: String(cascadeMs + 300_000) });
    return anomalies.find(({ service, signal }) => service === 'payment-service' && signal === 'volume');
  };

  it('verifies what it told, offline, and refuses it altered', async () => {
    const key = AgentStatusSchema.parse(await agent.get('/v1/agent')).agent.receipt_key ?? '';
    const file = join(agent.dataDir, 'receipt.json');
    const anomaly = AnomalySchema.parse(await agent.get(`/v1/anomalies/${(await cascade()).event_id}`));
    await writeFile(file, JSON.stringify(anomaly));
    expect(await cli('verify', file, '--key', key)).toMatchObject({ code: 0, out: expect.stringMatching(/^equal/) });
    await writeFile(file, JSON.stringify({ ...anomaly.receipt, service: 'gateway' }));
    expect(await cli('verify', file)).toMatchObject({ code: 1, out: expect.stringContaining('NOT EQUAL') });
  });

  it('keeps a verdict through a restart, takes it back, and leaves the expectation as it was', async () => {
    const { event_id, source_id } = await cascade();
    const tomorrow = cascadeMs + 24 * HOUR_MS;
    const expectation = async () =>
      ExpectationAnswerSchema.parse(await agent.get(`/v1/sources/${source_id}/expectation?at=${tomorrow}`));
    const before = await expectation();
    expect(before.buckets.map(({ use }) => use)).toContain('doubted');
    for (let again = 0; again < 2; again++) {
      const { status, json } = await call('POST', `/v1/anomalies/${event_id}/verdict`, { verdict: 'real' });
      expect([status, AnomalySchema.parse(json).verdict]).toEqual([200, 'real']);
    }
    expect((await expectation()).buckets.map(({ use }) => use)).toContain('excluded');
    await agent.stop();
    await agent.start();
    expect((await cascade()).verdict).toBe('real');
    expect((await expectation()).buckets.map(({ use }) => use)).toContain('excluded');
    await call('POST', `/v1/anomalies/${event_id}/verdict`, { verdict: 'noise' });
    expect((await expectation()).buckets.every(({ use }) => use === 'learnt')).toBe(true);
    await call('POST', `/v1/anomalies/${event_id}/verdict`, { verdict: null });
    expect(await expectation()).toEqual(before);
    expect((await cascade()).verdict ?? null).toBeNull();
  }, 60_000);

  it('strikes a stretch out and brings it back', async () => {
    const id = await paymentId();
    const from_ms = cascadeMs - HOUR_MS;
    const asked = { from_ms, to_ms: from_ms + HOUR_MS, reason: 'load test' };
    const { status, json } = await call('POST', `/v1/sources/${id}/exclusions`, asked);
    expect(status).toBe(201);
    const { exclusion_id } = ExclusionSchema.parse(json);
    const at = from_ms + 600_000 + 24 * HOUR_MS;
    const struck = ExpectationAnswerSchema.parse(await agent.get(`/v1/sources/${id}/expectation?at=${at}`));
    expect(struck.buckets[0]).toMatchObject({ use: 'excluded', weight: 0, exclusion_id });
    expect((await call('DELETE', `/v1/sources/${id}/exclusions/${exclusion_id}`)).status).toBe(204);
    const back = ExpectationAnswerSchema.parse(await agent.get(`/v1/sources/${id}/expectation?at=${at}`));
    expect(back.buckets[0]).toMatchObject({ use: 'learnt', weight: 1, exclusion_id: null });
    expect(back.buckets[0].value).toBeGreaterThan(0);
    expect((await call('POST', `/v1/sources/${id}/exclusions`, { ...asked, to_ms: from_ms })).status).toBe(400);
  });

  it('replays the ladder: looser steps tell no less, and what fired is reproduced', async () => {
    await call('POST', `/v1/anomalies/${(await cascade()).event_id}/verdict`, { verdict: 'real' });
    const { status, json } = await call('POST', `/v1/sources/${await paymentId()}/sensitivity:preview`, {});
    expect(status).toBe(200);
    const { steps, fidelity, marked } = LadderAnswerSchema.parse(json);
    expect(steps.map(({ sigma }) => sigma)).toEqual([2, 2.5, 3, 3.5, 4, 5]);
    expect(steps.find(({ is_current }) => is_current)?.sigma).toBe(3);
    expect(steps[0].anomalies_total).toBeGreaterThanOrEqual(steps[5].anomalies_total);
    expect(steps.every(({ real_found }) => real_found === 1)).toBe(true);
    expect(marked.real).toBe(1);
    expect(fidelity.fired_reproduced).toBe(1);
    expect(fidelity.replayed_fired).toBe(1);
  }, 30_000);

  it('takes any number of σ, and goes back to a sensitivity', async () => {
    const id = await paymentId();
    const patch = async (body: object) => (await call('PATCH', `/v1/sources/${id}`, body)).json;
    expect(await patch({ sigma: 2.75 })).toMatchObject({ sigma: 2.75, sensitivity: 'medium' });
    expect(await patch({ sensitivity: 'high' })).toMatchObject({ sigma: null, sensitivity: 'high' });
    expect((await call('PATCH', `/v1/sources/${id}`, { sigma: 0.2 })).status).toBe(400);
    await patch({ sensitivity: 'medium' });
  });

  it('learns anew from what is stored, and goes back to what it knew before', async () => {
    const id = await paymentId();
    const relearnt = RelearnAnswerSchema.parse((await call('POST', `/v1/sources/${id}/relearn`, {})).json);
    expect(relearnt.seconds).toBeGreaterThan(5.9 * 3600);
    const { versions } = BaselineVersionListSchema.parse(await agent.get(`/v1/sources/${id}/baselines`));
    expect(versions[0]).toMatchObject({ version_id: relearnt.version_before, why: 'before_relearning' });
    const back = await call('POST', `/v1/sources/${id}/baselines/${relearnt.version_before}/revert`, {});
    expect(back.status).toBe(200);
  }, 30_000);

  it('tests its own detection beside the users, in none of their counts', async () => {
    const before = SourceListSchema.parse(await agent.get('/v1/sources')).sources.length;
    const { code, out } = await cli('canary', '--run', '--json', `--data-dir=${agent.dataDir}`);
    expect([code, JSON.parse(out)]).toMatchObject([0, { state: 'ok', blind_since_ms: null }]);
    const after = await eventually('the status', 5000, async () =>
      AgentStatusSchema.parse(await agent.get('/v1/agent')),
    );
    expect([after.canary?.state, after.health.sources]).toEqual(['ok', before]);
  }, 30_000);

  it('backfills a file of the past into a source that speaks already, and teaches it', async () => {
    const start = Date.now() - 3 * 24 * HOUR_MS;
    const lines = Array.from({ length: 7200 }, (_, second) =>
      JSON.stringify({
        timestamp: start + second * 1000,
        service: 'payment-service',
        level: 'info',
        message: 'charged',
      }),
    );
    const file = join(agent.dataDir, 'past.ndjson');
    await writeFile(file, lines.join('\n'));
    const { code, out } = await cli('backfill', '--json', `--data-dir=${agent.dataDir}`, file);
    expect([code, JSON.parse(out)]).toMatchObject([0, { accepted: 7200, rejected: 0, relearnt: 1 }]);
    const again = await cli('backfill', '--json', `--data-dir=${agent.dataDir}`, file);
    expect(JSON.parse(again.out)).toMatchObject({ relearnt: 0 });
  }, 60_000);
});
