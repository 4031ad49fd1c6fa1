import { assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MessageRing } from './message-ring.ts';

const textOf = (seq: number) => `message ${seq}`;

describe('message ring', () => {
  it('numbers from 1 and gives back everything after a number, or nothing', () => {
    const ring = new MessageRing();
    expect(ring.after(0)).toEqual([]);
    expect(ring.after(-1)).toBeUndefined();
    ring.append(textOf);
    ring.append(textOf);
    expect(ring.seq).toBe(2);
    expect(ring.after(0)).toEqual([
      { seq: 1, text: 'message 1' },
      { seq: 2, text: 'message 2' },
    ]);
    expect(ring.after(2)).toEqual([]);
    expect(ring.after(3)).toBeUndefined();
  });

  it('never has a hole: what it gives back is complete, or it gives nothing', () => {
    assert(
      property(integer({ min: 0, max: 4500 }), integer({ min: -5, max: 4600 }), (appended, after) => {
        const ring = new MessageRing();
        for (let i = 0; i < appended; i++) ring.append(textOf);
        const missed = ring.after(after);
        if (missed === undefined) {
          expect(after < Math.max(0, appended - 2000) || after > appended).toBe(true);
        } else {
          expect(missed.map(({ seq }) => seq)).toEqual(
            Array.from({ length: appended - after }, (_, i) => after + i + 1),
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  it('holds no more text than eight mebibytes, but always the latest message', () => {
    const ring = new MessageRing();
    const long = 'x'.repeat(3 * 1024 * 1024);
    for (let i = 0; i < 4; i++) ring.append(() => long);
    expect(ring.after(2)).toHaveLength(2);
    expect(ring.after(1)).toBeUndefined();
    ring.append(() => 'y'.repeat(9 * 1024 * 1024));
    expect(ring.after(4)).toHaveLength(1);
    expect(ring.after(3)).toBeUndefined();
  });
});
