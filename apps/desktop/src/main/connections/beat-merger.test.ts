import type { Beat } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { BeatMerger, type HeartbeatEvent } from './beat-merger.ts';

/** A clock that is moved by hand, and the timers that hang on it. */
function handClock() {
  let nowMs = 1_760_000_000_000;
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  return {
    now: () => nowMs,
    setTimer: (run: () => void, ms: number) => {
      const timer = { atMs: nowMs + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    advance: (ms: number) => {
      nowMs += ms;
      const due = timers.filter(({ atMs }) => atMs <= nowMs);
      timers = timers.filter(({ atMs }) => atMs > nowMs);
      for (const { run } of due) run();
    },
  };
}

const beat = (source_id: string, t: number, value: number): Beat => ({
  source_id,
  t,
  value,
  mean: 8,
  lower: 2,
  upper: 14,
});

function merging() {
  const clock = handClock();
  const sent: HeartbeatEvent[] = [];
  let dropped = 0;
  const merger = new BeatMerger({
    ...clock,
    send: (event) => sent.push(event),
    onDropped: (count) => {
      dropped += count;
    },
  });
  const add = (beats: Beat[], signal: HeartbeatEvent['signal'] = 'volume') =>
    merger.add({ type: 'heartbeat', agentId: 'a1', signal, nowMs: clock.now(), beats });
  return { merger, clock, sent, add, dropped: () => dropped };
}

describe('merging beats', () => {
  it('sends the first at once and then at most four messages a second, however many come', () => {
    const { clock, sent, add } = merging();
    for (let i = 0; i < 1000; i++) {
      add([beat('payment', Math.floor(i / 100), i)]);
      clock.advance(10);
    }
    clock.advance(250);
    expect(sent.length).toBeGreaterThanOrEqual(38);
    expect(sent.length).toBeLessThanOrEqual(42);
  });

  it('loses no second of any source, and keeps the later of two for the same', () => {
    const { clock, sent, add } = merging();
    add([beat('payment', 1, 1)]);
    add([beat('payment', 2, 1), beat('order', 2, 5)]);
    add([beat('payment', 2, 7)]);
    clock.advance(250);
    expect(sent.map(({ beats }) => beats.map(({ source_id, t, value }) => [source_id, t, value]))).toEqual([
      [['payment', 1, 1]],
      [
        ['payment', 2, 7],
        ['order', 2, 5],
      ],
    ]);
  });

  it('drops what waits of a signal that nobody looks at any more', () => {
    const { clock, sent, add } = merging();
    add([beat('payment', 1, 1)]);
    add([beat('payment', 2, 1)]);
    add([beat('payment', 2, 0.5)], 'error_rate');
    clock.advance(250);
    expect(sent.map(({ signal }) => signal)).toEqual(['volume', 'error_rate']);
    expect(sent[1]?.beats).toHaveLength(1);
  });

  it('holds a bounded number and says how many it gave up', () => {
    const { clock, sent, add, dropped } = merging();
    add([beat('payment', 0, 1)]);
    add(Array.from({ length: 25_000 }, (_, i) => beat(`source-${i}`, 1, 1)));
    clock.advance(250);
    expect(sent[1]?.beats).toHaveLength(20_000);
    expect(dropped()).toBe(5000);
  });

  it('is silent after a stop', () => {
    const { merger, clock, sent, add } = merging();
    add([beat('payment', 1, 1)]);
    add([beat('payment', 2, 1)]);
    merger.stop();
    merger.stop();
    clock.advance(1000);
    expect(sent).toHaveLength(1);
  });
});
