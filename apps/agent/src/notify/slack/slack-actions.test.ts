import { describe, expect, it } from 'vitest';
import { nextNine, wishOf } from './slack-actions.ts';

const at = (text: string) => Date.parse(text);

describe('until 09:00', () => {
  it.each([
    ['2026-01-15T02:00:00Z', 'Europe/Berlin', '2026-01-15T08:00:00Z'],
    ['2026-01-15T08:00:00Z', 'Europe/Berlin', '2026-01-16T08:00:00Z'],
    // The nights in which the clocks change.
    ['2026-03-28T22:00:00Z', 'Europe/Berlin', '2026-03-29T07:00:00Z'],
    ['2026-10-24T22:00:00Z', 'Europe/Berlin', '2026-10-25T08:00:00Z'],
    ['2026-01-15T02:00:00Z', 'Asia/Kathmandu', '2026-01-15T03:15:00Z'],
    ['2026-01-15T02:00:00Z', 'Pacific/Chatham', '2026-01-15T19:15:00Z'],
  ])('from %s in %s is %s', (now, zone, expected) => {
    expect(new Date(nextNine(at(now), zone)).toISOString()).toBe(new Date(expected).toISOString());
  });
});

describe('a click', () => {
  const now = at('2026-01-15T02:00:00Z');
  const silence = { action: 'silence', scope: 'incident', reason: 'silenced from Slack' };
  it.each([
    ['sentinellog_ack', 'id-1', { action: 'ack', holdMs: 0 }],
    ['sentinellog_more', 'resolve:id-1', { action: 'resolve', resolution: 'fixed', holdMs: 0 }],
    ['sentinellog_silence', '15m:id-1', { ...silence, untilMs: now + 900_000 }],
    ['sentinellog_silence', '4h:id-1', { ...silence, untilMs: now + 14_400_000 }],
    ['sentinellog_silence', 'worse:id-1', { ...silence, untilWorse: true }],
  ])('on %s with %s asks for the right thing', (actionId, value, action) => {
    expect(wishOf(actionId, value, now, 'UTC')).toEqual({ incidentId: 'id-1', action });
  });

  it.each([
    ['somebody_elses_button', 'id-1'],
    ['sentinellog_silence', 'forever:id-1'],
    ['sentinellog_silence', 'id-1'],
    ['sentinellog_more', 'delete:id-1'],
  ])('on %s with %s is none of ours', (actionId, value) => {
    expect(wishOf(actionId, value, now, 'UTC')).toBeNull();
  });
});
