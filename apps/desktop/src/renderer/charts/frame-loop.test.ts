import { describe, expect, it } from 'vitest';
import { FrameLoop } from './frame-loop.ts';

function aLoop(calm = false) {
  let waiting: ((nowMs: number) => void) | null = null;
  let nowMs = 0;
  const loop = new FrameLoop({
    request: (run) => {
      waiting = run;
      return 1;
    },
    cancel: () => {
      waiting = null;
    },
    calm: () => calm,
  });
  const frames = (count: number) => {
    for (let i = 0; i < count && waiting !== null; i++) {
      const run = waiting;
      waiting = null;
      nowMs += 16.7;
      run(nowMs);
    }
  };
  return { loop, frames, isRunning: () => waiting !== null };
}

describe('FrameLoop', () => {
  it('draws the big chart every frame and the small ones four times a second', () => {
    const { loop, frames } = aLoop();
    let main = 0;
    let mini = 0;
    loop.add('main', () => main++);
    loop.add('mini', () => mini++);
    frames(60);
    expect([main, mini]).toEqual([60, 4]);
  });

  it('spreads eight small charts over different frames', () => {
    const { loop, frames } = aLoop();
    let inThisFrame = 0;
    let most = 0;
    for (let i = 0; i < 8; i++) loop.add('mini', () => inThisFrame++);
    for (let i = 0; i < 60; i++) {
      inThisFrame = 0;
      frames(1);
      most = Math.max(most, inThisFrame);
    }
    expect(most).toBe(1);
  });

  it('redraws once a second where motion is reduced', () => {
    const { loop, frames } = aLoop(true);
    let drawn = 0;
    loop.add('main', () => drawn++);
    frames(300);
    expect(drawn).toBe(5);
  });

  it('stops when the last chart goes, and starts again with the next', () => {
    const { loop, frames, isRunning } = aLoop();
    const stop = loop.add('main', () => undefined);
    frames(2);
    stop();
    expect(isRunning()).toBe(false);
    loop.add('main', () => undefined);
    expect(isRunning()).toBe(true);
  });
});
