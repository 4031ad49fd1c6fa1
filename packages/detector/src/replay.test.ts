import { EMPTY_COUNTS, FRAME_COLUMNS, FrameBlock } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { DEFAULT_ROUTE, type Fired, fidelityOf, replayLadder, summariseStep, type Told } from './ladder.ts';
import type { FrameCounts } from './recent-seconds.ts';
import { replaySeconds, type Span, type StoredMinute } from './replay.ts';
import { SourceWatch } from './source-watch.ts';
import { EIGHT_SERVICES, Traffic } from './testing/index.ts';

const HOUR = 3600;
/** 2026-03-02 00:00 UTC, a Monday. */
const MONDAY = Date.UTC(2026, 2, 2) / 1000;
const SETTINGS = { sensitivity: 'medium', timeZone: 'Europe/Berlin' } as const;
const PAYMENT = EIGHT_SERVICES.find(({ service }) => service === 'payment-service')!;

/** As the store has them: minutes without a line are absent. */
function stored(frames: readonly FrameCounts[], from: number): StoredMinute[] {
  const minutes = new Map<number, FrameBlock>();
  for (const [at, frame] of frames.entries()) {
    if (FRAME_COLUMNS.every((column) => frame[column] === 0)) continue;
    const start = from + at - ((from + at) % 60);
    const block = minutes.get(start) ?? new FrameBlock(60);
    minutes.set(start, block);
    block.addFrame(from + at - start, frame);
  }
  return [...minutes].map(([start, block]) => ({ start, cells: block.cells }));
}

/** Six hours with a failing hour, ten minutes of silence, and a burst. */
function sixHours(): readonly FrameCounts[] {
  const disturbances = [
    { from: MONDAY + 2 * HOUR, to: MONDAY + 3 * HOUR, volume: 2, errorShare: 0.3 },
    { from: MONDAY + 4 * HOUR, to: MONDAY + 4 * HOUR + 600, volume: 0 },
    { from: MONDAY + 5 * HOUR, to: MONDAY + 5 * HOUR + 120, volume: 1.9 },
  ];
  const traffic = new Traffic(PAYMENT, { seed: 8, reference: MONDAY, disturbances });
  return Array.from({ length: 6 * HOUR }, (_, second) => traffic.frame(MONDAY + second));
}

function seconds(span: Span, frames: readonly FrameCounts[], blind: readonly Span[] = []) {
  const seen: [number, FrameCounts | null][] = [];
  const observed = replaySeconds({ ...span, minutes: stored(frames, MONDAY), blind }, (second, counts) =>
    seen.push([second, counts]),
  );
  return { seen, observed };
}

describe('a replay', () => {
  const frames = sixHours();
  const all = { from: MONDAY, to: MONDAY + frames.length };

  it('equals what was seen live, to the bit of the state it leads to', () => {
    const live = new SourceWatch(SETTINGS);
    const events = frames.flatMap((frame, at) => live.observe(MONDAY + at, frame));
    const again = new SourceWatch(SETTINGS);
    const replayed: typeof events = [];
    for (const [second, counts] of seconds(all, frames).seen) replayed.push(...again.observe(second, counts));
    expect(replayed).toEqual(events);
    expect(replayed.length).toBeGreaterThan(4);
    expect(again.snapshot()).toEqual(live.snapshot());
  });

  it('takes silence for silence for an hour, then for the unknown', () => {
    const busy: FrameCounts = { ...EMPTY_COUNTS, info: 3 };
    const sparse = [busy, ...Array.from({ length: 3 * HOUR }, () => EMPTY_COUNTS), busy];
    const { seen, observed } = seconds({ from: MONDAY, to: MONDAY + sparse.length }, sparse);
    expect(seen.filter(([, counts]) => counts === null)).toHaveLength(1);
    expect(observed).toBe(1 + HOUR + 1);
    expect(seen.at(-1)).toEqual([MONDAY + 3 * HOUR + 1, busy]);
  });

  it('says null for what nobody looked at, except where lines came all the same', () => {
    const blind = [{ from: MONDAY + 4 * HOUR + 60, to: MONDAY + 4 * HOUR + 300 }];
    const { seen } = seconds(all, frames, blind);
    const at = new Map(seen);
    expect(at.get(MONDAY + 4 * HOUR + 59)).toEqual(EMPTY_COUNTS);
    expect(at.get(MONDAY + 4 * HOUR + 60)).toBeNull();
    expect(at.has(MONDAY + 4 * HOUR + 100)).toBe(false);
    expect(at.get(MONDAY + 4 * HOUR + 300)).toEqual(EMPTY_COUNTS);
  });
});

describe('the sigma ladder', () => {
  const frames = sixHours();
  const span = { from: MONDAY, to: MONDAY + frames.length };
  const from = MONDAY + HOUR;
  const sigmas = [2, 3, 5, 40];
  const { told, seconds: counted } = replayLadder({
    stored: { ...span, minutes: stored(frames, MONDAY), blind: [] },
    from,
    settings: SETTINGS,
    state: null,
    sigmas,
  });

  it('tells at the present σ exactly what the live engine told', () => {
    const live = new SourceWatch(SETTINGS);
    const opened = frames.flatMap((frame, at) =>
      live.observe(MONDAY + at, frame).flatMap((event) => (event.type === 'opened' ? [event.second + 1] : [])),
    );
    expect(told[1].map(({ at }) => at)).toEqual(opened.filter((at) => at > from));
    expect(counted).toBe(5 * HOUR);
  });

  it('tells less with every step', () => {
    const counts = told.map((step) => step.length);
    expect(counts).toEqual(counts.toSorted((a, b) => b - a));
    expect(counts[0]).toBeGreaterThan(1);
    expect(counts[3]).toBe(0);
  });

  const incident = { signal: 'volume', direction: 'high', severity: 'P1' } as const;
  const told2: Told[] = [
    { ...incident, from: 1000, to: 1300, at: 1060 },
    { ...incident, from: 2500, to: 2600, at: 2520, severity: 'P2' },
    { ...incident, from: 9000, to: 9100, at: 9030, severity: 'P3' },
  ];

  it('counts incidents after a cooldown of half an hour, and asks the route about the loudest of each', () => {
    const summary = summariseStep(told2, { fired: [], seconds: 604_800, route: DEFAULT_ROUTE });
    expect(summary).toMatchObject({ incidents: 2, pages: 1, posts: 0, mails: 1, alertsAWeek: 2, anomaliesTotal: 3 });
  });

  it('measures delay from the onset of what was real, and counts what touches noise', () => {
    const fired: Fired[] = [
      { ...told2[0], at: 1100, verdict: 'real' },
      { ...told2[2], verdict: 'noise' },
      { ...incident, from: 20_000, to: 20_100, at: 20_010, verdict: 'real' },
    ];
    const summary = summariseStep(told2, { fired, seconds: 86_400, route: DEFAULT_ROUTE });
    expect(summary).toMatchObject({ realFound: 1, minutesToDetect: { median: 1, worst: 1 }, noise: 1 });
  });

  it('shows how far the replay is what really fired, both ways', () => {
    const fidelity = fidelityOf(told2, [told2[0], { ...told2[2], direction: 'low' }]);
    expect(fidelity).toEqual({ firedReproduced: 1 / 3, replayedFired: 1 / 2 });
    expect(fidelityOf([], told2)).toEqual({ firedReproduced: null, replayedFired: 0 });
  });
});
