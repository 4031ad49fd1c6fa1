import { describe, expect, it } from 'vitest';
import { FailureBucket } from './failure-bucket.ts';

const bucket = () => new FailureBucket({ burst: 3, perSecond: 1, maxAddresses: 2 });
const taken = (failures: FailureBucket, address: string, nowMs: number, times: number) =>
  Array.from({ length: times }, () => failures.take(address, nowMs)).filter(Boolean).length;

describe('FailureBucket', () => {
  it('lets a burst through, then one a second', () => {
    const failures = bucket();
    expect(taken(failures, '10.0.0.1', 0, 10)).toBe(3);
    expect(taken(failures, '10.0.0.1', 2000, 10)).toBe(2);
    expect(taken(failures, '10.0.0.1', 1_000_000, 10)).toBe(3);
  });

  it('counts each address for itself, and forgets the one that was quiet for longest', () => {
    const failures = bucket();
    expect(taken(failures, 'a', 0, 5)).toBe(3);
    expect(taken(failures, 'b', 0, 5)).toBe(3);
    expect(taken(failures, 'c', 0, 5)).toBe(3);
    expect(taken(failures, 'b', 0, 5)).toBe(0);
    expect(taken(failures, 'a', 0, 5)).toBe(3);
  });

  it('is not refilled by a clock that goes back', () => {
    const failures = bucket();
    expect(taken(failures, 'a', 10_000, 5)).toBe(3);
    expect(taken(failures, 'a', 0, 5)).toBe(0);
  });
});
