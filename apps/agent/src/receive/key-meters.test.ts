import { describe, expect, it } from 'vitest';
import { KeyMeters } from './key-meters.ts';

const NOON = Date.parse('2026-01-05T12:00:00Z');
const KEY = { keyId: 'k1', tenant: 'default', pinnedService: null };
const NONE = { eventsPerSecond: null, bytesPerDay: null };

describe('the meter of a key', () => {
  it('never stops a key without limits', () => {
    const meters = new KeyMeters(NONE);
    meters.spend(KEY, 1e9, 1e15, NOON);
    expect(meters.judge(KEY, NOON)).toEqual({ type: 'within' });
  });

  it('lets two seconds of events come at once, then as many as it may a second', () => {
    const meters = new KeyMeters({ ...NONE, eventsPerSecond: 100 });
    meters.spend(KEY, 199, 0, NOON);
    expect(meters.judge(KEY, NOON)).toEqual({ type: 'within' });
    meters.spend(KEY, 1, 0, NOON);
    expect(meters.judge(KEY, NOON)).toEqual({
      type: 'over',
      detail: 'this key may send 100 events a second; send again in 1 s',
      headers: { 'ratelimit-policy': '"events";q=100;w=1', ratelimit: '"events";r=0;t=1' },
    });
    expect(meters.judge(KEY, NOON + 10)).toEqual({ type: 'within' });
  });

  it('takes a batch that is larger than what is left, and lets its key wait for as long as that was', () => {
    const meters = new KeyMeters({ ...NONE, eventsPerSecond: 100 });
    meters.spend(KEY, 1200, 0, NOON);
    expect(meters.judge(KEY, NOON + 9000)).toMatchObject({ type: 'over' });
    expect(meters.judge(KEY, NOON + 10_010)).toEqual({ type: 'within' });
  });

  it('counts bytes until midnight UTC', () => {
    const meters = new KeyMeters({ ...NONE, bytesPerDay: 1000 });
    meters.spend(KEY, 1, 1000, NOON);
    expect(meters.judge(KEY, NOON)).toMatchObject({
      type: 'over',
      headers: { 'ratelimit-policy': '"bytes";q=1000;w=86400', ratelimit: '"bytes";r=0;t=43200' },
    });
    expect(meters.judge(KEY, NOON + 43_200_000)).toEqual({ type: 'within' });
  });

  it('prefers the limits of the key itself, also to lift nothing that the configuration sets', () => {
    const meters = new KeyMeters({ eventsPerSecond: 100, bytesPerDay: null });
    const generous = { ...KEY, limits: { events_per_second: 10_000, bytes_per_day: null } };
    meters.spend(generous, 5000, 0, NOON);
    expect(meters.judge(generous, NOON)).toEqual({ type: 'within' });
    expect(meters.judge({ ...KEY, keyId: 'k2' }, NOON)).toEqual({ type: 'within' });
  });

  it('gives nothing away when the clock is set back', () => {
    const meters = new KeyMeters({ ...NONE, eventsPerSecond: 100 });
    meters.spend(KEY, 200, 0, NOON);
    expect(meters.judge(KEY, NOON - 3_600_000)).toMatchObject({ type: 'over' });
    expect(meters.judge(KEY, NOON - 3_600_000 + 50)).toEqual({ type: 'within' });
  });
});
