import { describe, expect, it } from 'vitest';
import { firstMover } from './first-mover.ts';
import type { Onset } from './relation.ts';

const T0 = 1_767_229_200_000;

function onset(service: string, fromSecond: number, windowSeconds: number): Onset {
  const from_ms = T0 + fromSecond * 1000;
  return { event_id: service, source_id: service, service, from_ms, to_ms: from_ms + windowSeconds * 1000, reason: '' };
}

const CALLS = new Set(['gateway>order-service', 'order-service>payment-service']);
const calls = (from: string, to: string) => CALLS.has(`${from}>${to}`);
const first = (...onsets: Onset[]) => firstMover(onsets, calls);

describe('the first mover', () => {
  it('is the one whose window was over before the others began', () => {
    const mover = first(onset('gateway', 20, 5), onset('search-service', 0, 5));
    expect(mover).toMatchObject({ service: 'search-service', at_ms: T0, reason: 'went outside 20 s before gateway' });
  });

  it('is, where time cannot tell, the one that the others wait for', () => {
    const mover = first(onset('gateway', -2, 10), onset('order-service', -1, 10), onset('payment-service', 1, 5));
    expect(mover.service).toBe('payment-service');
    expect(mover.reason).toBe('went outside in the same seconds as order-service, which calls it');
  });

  it('is the callee also when its caller was seen a few seconds earlier', () => {
    const mover = first(onset('order-service', 0, 1), onset('gateway', 1, 1), onset('payment-service', 3, 1));
    expect(mover.service).toBe('payment-service');
    expect(mover.reason).toBe('went outside in the same seconds as order-service, which calls it');
    expect(mover.followed_by).toEqual([
      { service: 'order-service', at_ms: T0 + 3000 },
      { service: 'gateway', at_ms: T0 + 3000 },
    ]);
  });

  it('is, where nobody knows who calls whom, the one that the lines of the others name', () => {
    const order = { ...onset('order-service', 0, 2), names: ['payment-service'] };
    const gateway = { ...onset('gateway', 1, 2), names: ['order-service', 'payment-service'] };
    const mover = firstMover([order, gateway, onset('payment-service', 1, 2)], () => false);
    expect(mover.service).toBe('payment-service');
    expect(mover.reason).toBe('went outside in the same seconds as order-service, whose lines name it');
  });

  it('goes by time where two name each other, and where somebody unrelated was earlier', () => {
    const order = { ...onset('order-service', 0, 2), names: ['payment-service'] };
    const payment = { ...onset('payment-service', 1, 2), names: ['order-service'] };
    expect(firstMover([order, payment], () => false).service).toBe('order-service');
    expect(
      first(onset('search-service', -1, 1), onset('order-service', 0, 1), onset('payment-service', 1, 1)),
    ).toMatchObject({
      service: 'search-service',
      reason: 'went outside 1 s before order-service',
    });
  });

  it('is not the callee when it began after its caller had already failed', () => {
    expect(first(onset('order-service', 0, 5), onset('payment-service', 30, 5)).service).toBe('order-service');
  });

  it('is not put first by a window of five minutes that began before everything', () => {
    const volume = onset('payment-service', -280, 300);
    expect(first(volume, onset('payment-service', 2, 5), onset('search-service', 0, 1)).service).toBe('search-service');
  });

  it('is the earliest by onset whatever the order in which they were noticed, and says that it is alone', () => {
    expect(first(onset('gateway', 9, 5)).reason).toBe('the only service that is outside');
    const all = [onset('a', 3, 1), onset('b', 1, 1), onset('c', 2, 1)];
    for (const order of [all, all.toReversed()]) expect(first(...order).service).toBe('b');
  });
});
