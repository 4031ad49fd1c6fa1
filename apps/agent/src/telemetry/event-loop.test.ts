import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventLoopProbe } from './event-loop.ts';

describe('event loop probe', () => {
  let clockMs = 0;
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  function turn(ms: number): void {
    clockMs += ms;
    vi.advanceTimersByTime(20);
  }

  it('reports the worst lateness of the interval that was sampled last, then forgets it', () => {
    const probe = new EventLoopProbe(() => clockMs);
    probe.start();
    turn(20);
    turn(95);
    turn(20);
    expect(probe.lagMs).toBe(0);
    probe.sample();
    expect(probe.lagMs).toBe(75);
    turn(20);
    probe.sample();
    expect(probe.lagMs).toBe(0);
    probe.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('sees a block that begins right after a sample', () => {
    const probe = new EventLoopProbe(() => clockMs);
    probe.start();
    turn(20);
    probe.sample();
    turn(320);
    probe.sample();
    expect(probe.lagMs).toBe(300);
    probe.stop();
  });
});
