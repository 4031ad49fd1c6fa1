import { describe, expect, it } from 'vitest';
import { FailureBucket, LOGIN_LENIENCY, SENDER_LENIENCY } from './failure-bucket.ts';

describe('failure bucket', () => {
  it('admits ten failures at once, then one every six seconds', () => {
    let nowMs = 0;
    const bucket = new FailureBucket(() => nowMs, LOGIN_LENIENCY);
    const admitted = () => bucket.admit('203.0.113.7');
    expect(Array.from({ length: 12 }, admitted)).toEqual([...Array<boolean>(10).fill(true), false, false]);
    nowMs = 5900;
    expect(admitted()).toBe(false);
    nowMs = 12_000;
    expect(admitted()).toBe(true);
    expect(admitted()).toBe(false);
  });

  it('is more patient with shippers, which try again by themselves', () => {
    let nowMs = 0;
    const bucket = new FailureBucket(() => nowMs, SENDER_LENIENCY);
    for (let i = 0; i < 20; i++) expect(bucket.admit('203.0.113.7')).toBe(true);
    expect(bucket.admit('203.0.113.7')).toBe(false);
    nowMs = 2000;
    expect(bucket.admit('203.0.113.7')).toBe(true);
  });

  it('keeps addresses apart', () => {
    const bucket = new FailureBucket(() => 0, LOGIN_LENIENCY);
    for (let i = 0; i < 20; i++) bucket.admit('203.0.113.7');
    expect(bucket.admit('203.0.113.8')).toBe(true);
  });

  it('forgets the address that failed longest ago when there are too many', () => {
    const bucket = new FailureBucket(() => 0, LOGIN_LENIENCY);
    for (let i = 0; i < 20; i++) bucket.admit('203.0.113.7');
    for (let i = 0; i < 10_000; i++) bucket.admit(`10.0.${i >> 8}.${i & 255}`);
    expect(bucket.admit('203.0.113.7')).toBe(true);
  });
});
