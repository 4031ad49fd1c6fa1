import { EMPTY_COUNTS, type AgentHealth, type Beat, type DrawnSignal } from '@sentinellog/shared';
import { aSource } from '@sentinellog/shared/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Heart, type HeartParts } from './heart.ts';
import type { TallySource } from './tally/source-state.ts';

const SECOND = 1_767_229_200;
const source: TallySource = {
  index: 0,
  sourceId: 'payment',
  tenant: 'default',
  service: 'payment-service',
  firstSeenMs: 0,
  lastSeenMs: 0,
  live: true,
  closedThrough: SECOND,
};

function setUp(overrides: Partial<HeartParts> = {}) {
  const published: { signal: DrawnSignal; beats: readonly Beat[] }[] = [];
  const ticks: number[] = [];
  const heart = new Heart({
    now: () => SECOND * 1000 + Date.now(),
    monotonicMs: () => 0,
    isLive: () => true,
    tick: (nowMs) => ticks.push(nowMs),
    eachMoved: () => undefined,
    eachOver: () => undefined,
    hasViewers: () => true,
    peek: () => undefined,
    beatFor: ({ sourceId }, t, _signal, counts) => ({
      source_id: sourceId,
      t,
      value: counts ? counts.info : null,
      mean: null,
      lower: null,
      upper: null,
    }),
    publishBeats: (signal, beats) => published.push({ signal, beats }),
    sampleStatus: () => ({}) as AgentHealth,
    publishHealth: () => undefined,
    sources: () => [aSource()],
    publishSource: () => undefined,
    ...overrides,
  });
  return { heart, published, ticks };
}

beforeEach(() => vi.useFakeTimers({ now: 0 }));
afterEach(() => vi.useRealTimers());

describe('the heart', () => {
  it('sends a closed second once, in every signal', () => {
    const { heart, published } = setUp();
    heart.start();
    heart.closed(source, SECOND - 2, { ...EMPTY_COUNTS, info: 7 });
    vi.advanceTimersByTime(600);
    heart.stop();
    expect(published.map(({ signal, beats }) => [signal, beats.map(({ t, value }) => [t, value])])).toEqual([
      ['volume', [[SECOND - 2, 7]]],
      ['error_rate', [[SECOND - 2, 7]]],
      ['latency_p99', [[SECOND - 2, 7]]],
    ]);
  });

  it('sends seconds that are over but not closed as they stand, and a blind one as unknown', () => {
    const { heart, published } = setUp({
      eachOver: (_from, now, look) => look(source, now - 1, { ...EMPTY_COUNTS, info: 3 }),
    });
    heart.start();
    heart.closed(source, SECOND - 5, null);
    vi.advanceTimersByTime(250);
    heart.stop();
    expect(published[0]?.beats.map(({ value }) => value)).toEqual([null, 3]);
  });

  it('does not send history that is being loaded, and nothing at all when nobody looks', () => {
    const { heart, published } = setUp();
    heart.start();
    heart.closed(source, SECOND - 86_400, { ...EMPTY_COUNTS, info: 7 });
    vi.advanceTimersByTime(300);
    heart.stop();
    const alone = setUp({ hasViewers: () => false });
    alone.heart.start();
    alone.heart.closed(source, SECOND - 2, EMPTY_COUNTS);
    vi.advanceTimersByTime(300);
    alone.heart.stop();
    expect([...published, ...alone.published]).toEqual([]);
  });

  it('does not let clock time pass while the journal is being read back', () => {
    const replaying = setUp({ isLive: () => false });
    replaying.heart.start();
    vi.advanceTimersByTime(500);
    replaying.heart.stop();
    expect(replaying.ticks).toEqual([]);
  });

  it('looks less often when a look takes long, so that nine tenths of the time are left to ingest', () => {
    let clockMs = 0;
    const heavy = setUp({ monotonicMs: () => (clockMs += 8) });
    heavy.heart.start();
    vi.advanceTimersByTime(1000);
    heavy.heart.stop();
    const light = setUp();
    light.heart.start();
    vi.advanceTimersByTime(1000);
    light.heart.stop();
    expect(heavy.ticks.length).toBe(13);
    expect(light.ticks.length).toBe(50);
    vi.advanceTimersByTime(1000);
    expect(light.ticks.length).toBe(50);
  });

  it('tells of a source when its learning or its loaded history has moved on, not all the time', () => {
    const told: string[] = [];
    let hours = 3;
    let lastSeen = 0;
    const { heart } = setUp({
      sources: () => [aSource({ learning: 'learning', learnt_hours: hours, last_seen_ms: lastSeen })],
      publishSource: ({ learnt_hours }) => told.push(`${learnt_hours} h`),
    });
    heart.start();
    vi.advanceTimersByTime(30_000);
    hours = 4;
    vi.advanceTimersByTime(30_000);
    lastSeen = 7_200_000;
    vi.advanceTimersByTime(30_000);
    heart.stop();
    expect(told).toEqual(['3 h', '4 h', '4 h']);
  });
});
