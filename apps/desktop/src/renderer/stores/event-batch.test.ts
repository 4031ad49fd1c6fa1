import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import { EventBatch } from './event-batch.ts';

function aBatch() {
  const clock = new FakeClock(0);
  const delivered: (readonly number[])[] = [];
  const batch = new EventBatch<number>(250, clock.setTimer, (events) => delivered.push(events));
  return { batch, clock, delivered };
}

describe('EventBatch', () => {
  it('hands on the first event of a quiet time at once', () => {
    const { batch, delivered } = aBatch();
    batch.add(1);
    expect(delivered).toEqual([[1]]);
  });

  it('hands a storm on in one piece, at most once an interval', () => {
    const { batch, clock, delivered } = aBatch();
    for (let i = 0; i < 1000; i++) {
      batch.add(i);
      clock.advance(1);
    }
    clock.advance(250);
    expect(delivered.flat()).toHaveLength(1000);
    expect(delivered.length).toBeLessThanOrEqual(6);
  });

  it('says nothing more after a stop', () => {
    const { batch, clock, delivered } = aBatch();
    batch.add(1);
    batch.add(2);
    batch.stop();
    clock.advance(1000);
    expect(delivered).toEqual([[1]]);
  });
});
