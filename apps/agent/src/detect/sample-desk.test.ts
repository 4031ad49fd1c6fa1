import type { SampleLine } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { SampleDesk } from './sample-desk.ts';

const LINE: SampleLine = {
  at_ms: 1_767_229_190_120,
  level: 'error',
  message: 'connection pool exhausted: 50/50 in use',
};
const never = () => new Promise<readonly SampleLine[]>(() => {});
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the desk for sample lines', () => {
  it('delivers what was read', async () => {
    const delivered: SampleLine[] = [];
    new SampleDesk().ask({ read: async () => [LINE], deliver: (lines) => delivered.push(...lines) });
    await settled();
    expect(delivered).toEqual([LINE]);
  });

  it('reads a few at a time, takes so many waiting, and counts the rest', () => {
    const desk = new SampleDesk();
    let reading = 0;
    for (let i = 0; i < 300; i++) {
      desk.ask({ read: () => (reading++, never()), deliver: () => expect.unreachable() });
    }
    expect(reading).toBe(4);
    expect(desk.lost.busy).toBe(96);
  });

  it('gives up on a reader that hangs or fails, and goes on with the next', async () => {
    const desk = new SampleDesk(1);
    const delivered = Promise.withResolvers<readonly SampleLine[]>();
    for (let i = 0; i < 4; i++) desk.ask({ read: never, deliver: () => expect.unreachable() });
    desk.ask({ read: () => Promise.reject(new Error('block is damaged')), deliver: () => expect.unreachable() });
    desk.ask({ read: async () => [LINE], deliver: delivered.resolve });
    expect(await delivered.promise).toEqual([LINE]);
    expect(desk.lost.timeout).toBeGreaterThan(0);
    expect(desk.lost.failed).toBe(1);
  });
});
