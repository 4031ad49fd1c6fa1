import { describe, expect, it } from 'vitest';
import { LiveEdge } from './live-edge.ts';

describe('LiveEdge', () => {
  it('stays behind the newest beat by the pace of arrival', () => {
    const edge = new LiveEdge();
    edge.note(300);
    expect(edge.at(100_000)).toBe(100_000 - 1500);
  });

  it('never runs backwards and never jumps when beats begin to come later', () => {
    const edge = new LiveEdge();
    edge.note(0);
    let before = edge.at(0);
    edge.note(2500);
    for (let nowMs = 16; nowMs < 5000; nowMs += 16) {
      const shown = edge.at(nowMs);
      expect(shown - before).toBeGreaterThan(0);
      expect(shown - before).toBeLessThanOrEqual(16 * 1.1 + 0.001);
      before = shown;
    }
  });

  it('does not follow an agent that falls far behind: that is a stall, and has to look like one', () => {
    const edge = new LiveEdge();
    edge.note(60_000);
    expect(edge.at(100_000)).toBe(96_000);
  });
});
