import { FRAME_COLUMNS, FrameBlock, HeartbeatAnswerSchema } from '@sentinellog/shared';
import { aSource } from '@sentinellog/shared/testing';
import { describe, expect, it } from 'vitest';
import type { HeartbeatReader } from './heartbeat-query.ts';
import { aFakeAgent, bearer, NOW_MS, TOKENS } from './testing/fake-agent.ts';

const T0 = NOW_MS / 1000;
const PAYMENT = aSource();
const ORDER = aSource({ source_id: '01996f00-0000-7000-8000-000000000002', service: 'order-service' });

/** Ten events of each source in the first second of the last minute. */
const reader: HeartbeatReader = {
  heartbeatCut: ({ sourceIds }) => {
    const block = new FrameBlock(60);
    block.add(0, FRAME_COLUMNS.indexOf('warn'), 10);
    return Promise.resolve({
      blocks: sourceIds.map((sourceId) => ({ sourceId, start: T0 - 60, block })),
      bounds: sourceIds.map((sourceId) => ({ sourceId, firstSecond: T0 - 600, closedThrough: T0 - 3, live: true })),
      expected: [],
      blind: [],
    });
  },
  latencyMinutes: ({ sourceIds }) =>
    Promise.resolve(
      sourceIds.map((sourceId, at) => {
        return { sourceId, minute: T0 - 60, p99: 200 * (at + 1), usual: 180, spread: 0.1, sigma: 3 };
      }),
    ),
};

async function ask(query: string, overrides: Parameters<typeof aFakeAgent>[0] = {}) {
  const { api, agent } = await aFakeAgent({
    sources: { list: () => [PAYMENT, ORDER], patch: () => Promise.resolve(null) },
    ...overrides,
  });
  const answer = await api.inject({ url: `/v1/heartbeats${query}`, headers: bearer(TOKENS.viewer) });
  await api.close();
  return { answer, agent };
}

describe('GET /v1/heartbeats', () => {
  it('waits for the journal to be read back after a start, rather than to answer with less than was acknowledged', async () => {
    const { api, agent } = await aFakeAgent();
    agent.replaying = true;
    const early = await api.inject({ url: '/v1/heartbeats', headers: bearer(TOKENS.viewer) });
    expect(early.statusCode).toBe(503);
    expect(early.json()).toMatchObject({ code: 'storage_unavailable', retryable: true });
    expect(agent.cuts).toEqual([]);
    agent.replaying = false;
    expect((await api.inject({ url: '/v1/heartbeats', headers: bearer(TOKENS.viewer) })).statusCode).toBe(200);
    await api.close();
  });

  it('shows the last fifteen minutes of all sources by the second when nothing is asked for', async () => {
    const { answer, agent } = await ask('');
    const body = HeartbeatAnswerSchema.parse(answer.json());
    expect(body).toMatchObject({ signal: 'volume', step_seconds: 1, from_ms: NOW_MS - 900_000, to_ms: NOW_MS });
    expect(body.columns[0]).toHaveLength(900);
    expect(agent.cuts).toMatchObject([{ sourceIds: [PAYMENT.source_id, ORDER.source_id], level: 0, signal: 'volume' }]);
  });

  it('adds the sources up and shows each for itself', async () => {
    const { answer } = await ask(`?from=${NOW_MS - 60_000}&to=${NOW_MS}&step=1m`, { heartbeats: reader });
    const body = HeartbeatAnswerSchema.parse(answer.json());
    expect(body.total_events).toBe(20);
    expect(body.columns[1]).toEqual([20]);
    expect(body.sources.map(({ service, columns }) => [service, columns[1]])).toEqual([
      ['payment-service', [10]],
      ['order-service', [10]],
    ]);
  });

  it('takes ids and service names, each source once', async () => {
    const { agent } = await ask(`?source=order-service&source=${ORDER.source_id}&step=1m`);
    expect(agent.cuts).toMatchObject([{ sourceIds: [ORDER.source_id] }]);
  });

  it('widens the range to whole steps', async () => {
    const { answer } = await ask(`?from=${NOW_MS - 90_500}&to=${NOW_MS - 500}&step=1m`);
    const body = HeartbeatAnswerSchema.parse(answer.json());
    expect([body.from_ms, body.to_ms]).toEqual([NOW_MS - 120_000, NOW_MS]);
  });

  it.each([
    ['1s', 0],
    ['90s', 0],
    ['1m', 1],
    ['5m', 1],
    ['1h', 2],
    ['1d', 2],
  ])('reads a step of %s from level %d, the coarsest that divides it', async (step, level) => {
    const { agent } = await ask(`?step=${step}`);
    expect(agent.cuts).toMatchObject([{ level }]);
  });

  it.each([
    ['?from=0&step=1s', 'use step=7d'],
    [`?from=${NOW_MS - 86_400_000}&step=1s`, 'use step=10s'],
    [`?from=${NOW_MS - 7 * 86_400_000}&step=10s&source=order-service`, 'use step=1m'],
    [`?from=${NOW_MS - 90 * 86_400_000}&step=31s&source=order-service`, 'use step=15m'],
  ])('refuses %s and says which step to use', async (query, advice) => {
    const { answer, agent } = await ask(query);
    expect(answer.statusCode).toBe(400);
    expect(answer.json<{ detail: string }>().detail).toContain(advice);
    expect(agent.cuts).toEqual([]);
  });

  it('refuses many sources at a step that is fine for one', async () => {
    const many = Array.from({ length: 30 }, (_, i) => aSource({ source_id: `source-${i}` }));
    const sources = { list: () => many, patch: () => Promise.resolve(null) };
    const { answer } = await ask(`?from=${NOW_MS - 3 * 3_600_000}&step=1s`, { sources });
    expect(answer.json<{ detail: string }>().detail).toContain('use step=10s');
  });

  it('refuses a step that would have to be put together from too many minutes', async () => {
    const { answer } = await ask(`?from=${NOW_MS - 48 * 86_400_000}&step=211s&source=order-service`);
    expect(answer.json<{ detail: string }>().detail).toContain('use step=5m');
  });

  it('refuses what is too much at any step', async () => {
    const many = Array.from({ length: 10_000 }, (_, i) => aSource({ source_id: `source-${i}` }));
    const sources = { list: () => many, patch: () => Promise.resolve(null) };
    const { answer } = await ask('?from=0&step=1s', { sources });
    expect(answer.json<{ detail: string }>().detail).toContain('fewer sources or a shorter range');
  });

  it('leaves the band out where it would take too long to read', async () => {
    const from = NOW_MS - 90 * 86_400_000;
    expect((await ask(`?from=${from}&step=1h`)).agent.cuts).toMatchObject([{ withExpected: false }]);
    expect((await ask(`?from=${from}&step=1h&source=order-service`)).agent.cuts).toMatchObject([
      { withExpected: true },
    ]);
  });
});

it('draws the p99 of durations as of each minute, and of several sources the slowest', async () => {
  const query = `?signal=latency_p99&step=10s&from=${(T0 - 60) * 1000}&to=${T0 * 1000}`;
  const { answer } = await ask(query, { heartbeats: reader });
  const body = HeartbeatAnswerSchema.parse(answer.json());
  expect(body).toMatchObject({ signal: 'latency_p99', total_events: 0 });
  expect(body.columns[1]).toEqual(Array.from({ length: 6 }, () => 400));
  expect(body.sources.map(({ columns }) => columns[1][0])).toEqual([200, 400]);
});
