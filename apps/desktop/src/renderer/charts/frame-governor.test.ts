import { describe, expect, it } from 'vitest';
import { FrameGovernor, PACES } from './frame-governor.ts';

function aGovernor() {
  const governor = new FrameGovernor();
  let nowMs = 0;
  return {
    governor,
    run: (deltaMs: number, forMs: number) => {
      for (let spent = 0; spent < forMs; spent += deltaMs) {
        nowMs += deltaMs;
        governor.note(deltaMs, nowMs);
      }
      return PACES.indexOf(governor.pace);
    },
  };
}

describe('FrameGovernor', () => {
  it('keeps the full pace while frames come in time', () => {
    expect(aGovernor().run(16.7, 30_000)).toBe(0);
  });

  it('gives way step by step while frames are late, and no further than it can', () => {
    const { run } = aGovernor();
    expect(run(40, 2100)).toBe(1);
    expect(run(40, 2100)).toBe(2);
    expect(run(40, 60_000)).toBe(PACES.length - 1);
  });

  it('comes back only after ten calm seconds', () => {
    const { run } = aGovernor();
    run(40, 2100);
    expect(run(16.7, 8000)).toBe(1);
    expect(run(16.7, 5000)).toBe(0);
  });

  it('slows the small charts before the big one', () => {
    expect(PACES[1]).toEqual({ main: 1, mini: 60 });
  });
});
