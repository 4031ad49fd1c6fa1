import type { Severity } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { DEFAULT_DESKTOP_SETTINGS, type DesktopSettings } from '../../bridge/desktop.ts';
import { anIncident } from '../../bridge/testing/an-incident.ts';
import {
  isQuiet,
  MAX_TOASTS_PER_MINUTE,
  NotificationPlan,
  type Surroundings,
  type Toast,
} from './notification-plan.ts';

const NOW = 1_767_229_200_000;
const MINUTE = 60_000;

const around = (
  nowMs = NOW,
  { focused = false, minuteOfDay = 720, ...settings }: Partial<DesktopSettings> & Partial<Surroundings> = {},
): Surroundings => ({ nowMs, focused, minuteOfDay, settings: { ...DEFAULT_DESKTOP_SETTINGS, ...settings } });

const fresh = (severity: Severity, id = 'i1', nowMs = NOW) =>
  anIncident({ incident_id: id, severity, opened_at_ms: nowMs, started_at_ms: nowMs - 3000 });

describe('notifications', () => {
  it('tell a new P1 at once, to stay until it is seen', () => {
    const [toast, ...others] = new NotificationPlan().take('eu', 'EU', fresh('P1'), around());
    expect(toast).toMatchObject({ title: 'P1 payment-service@EU', alarm: true, silent: false, incidentId: 'i1' });
    expect(others).toEqual([]);
  });

  it('follow the matrix: P2 once, P3 in a digest after five minutes, P4 never', () => {
    const plan = new NotificationPlan();
    expect(plan.take('eu', 'EU', fresh('P2'), around())).toMatchObject([{ alarm: false }]);
    expect(plan.take('eu', 'EU', fresh('P3', 'i3'), around())).toEqual([]);
    expect(plan.take('eu', 'EU', fresh('P4', 'i4'), around())).toEqual([]);
    expect(plan.tick(around(NOW + 4 * MINUTE))).toEqual([]);
    expect(plan.tick(around(NOW + 5 * MINUTE))).toMatchObject([{ title: '1 new: 1 P3' }]);
    expect(plan.tick(around(NOW + 20 * MINUTE))).toEqual([]);
  });

  it('leave P2 to the page while it is in front, but not P1', () => {
    const plan = new NotificationPlan();
    expect(plan.take('eu', 'EU', fresh('P2'), around(NOW, { focused: true }))).toEqual([]);
    expect(plan.take('eu', 'EU', fresh('P1', 'i2'), around(NOW, { focused: true }))).toHaveLength(1);
  });

  it('tell an incident once, again when it gets worse or comes back, and not when a person has it', () => {
    const plan = new NotificationPlan();
    const count = (change: Parameters<typeof anIncident>[0], at = NOW) =>
      plan.take('eu', 'EU', { ...fresh('P2'), ...change }, around(at)).length;
    expect(count({})).toBe(1);
    expect(count({ version: 2 })).toBe(0);
    expect(count({ state: 'ACK', severity: 'P1' }, NOW + 2 * MINUTE)).toBe(0);
    expect(count({ state: 'OPEN', severity: 'P1' }, NOW + 4 * MINUTE)).toBe(0);
    expect(count({ state: 'OPEN', severity: 'P1', reopened: 1 }, NOW + 6 * MINUTE)).toBe(1);
  });

  it('do not tell what is silenced, or history that a snapshot brings', () => {
    const plan = new NotificationPlan();
    expect(plan.take('eu', 'EU', { ...fresh('P1'), silence_id: 's1' }, around())).toEqual([]);
    const old = anIncident({ incident_id: 'old', opened_at_ms: NOW - 3_600_000 });
    expect(plan.takeSnapshot('eu', 'EU', [old], around())).toEqual([]);
    expect(plan.takeSnapshot('eu', 'EU', [fresh('P1', 'missed')], around())).toHaveLength(1);
  });

  it('say that it recovered in place of an alarm that nobody has seen', () => {
    const plan = new NotificationPlan();
    const [shown] = plan.take('eu', 'EU', fresh('P1'), around());
    const over = { ...fresh('P1'), state: 'RESOLVED' as const };
    const [toast] = plan.take('eu', 'EU', over, around(NOW + 3 * MINUTE));
    expect(toast).toMatchObject({ tag: shown?.tag, silent: true, alarm: false });
    expect(toast?.body).toMatch(/^recovered after 3 min/);
    plan.take('eu', 'EU', fresh('P1', 'i2', NOW + 4 * MINUTE), around(NOW + 4 * MINUTE));
    plan.dismissed('eu/i2');
    const seen = { ...fresh('P1', 'i2'), state: 'RESOLVED' as const };
    expect(plan.take('eu', 'EU', seen, around(NOW + 5 * MINUTE))).toEqual([]);
  });

  it('keep still in quiet hours and in a pause, except for a P1 that may break in', () => {
    const quiet = { quietHours: { on: true, fromMinute: 1320, toMinute: 420, p1BreaksIn: true }, minuteOfDay: 60 };
    const plan = new NotificationPlan();
    expect(plan.take('eu', 'EU', fresh('P2', 'a'), around(NOW, quiet))).toEqual([]);
    expect(plan.take('eu', 'EU', fresh('P1', 'b'), around(NOW, quiet))).toHaveLength(1);
    const silent = { quietHours: { ...quiet.quietHours, p1BreaksIn: false }, minuteOfDay: 60 };
    expect(plan.take('eu', 'EU', fresh('P1', 'c'), around(NOW, silent))).toEqual([]);
    const paused = around(NOW, { pausedUntilMs: NOW + MINUTE });
    expect(plan.take('eu', 'EU', fresh('P1', 'd'), paused)).toEqual([]);
  });

  it.each([
    [1320, 420, 1400, true],
    [1320, 420, 419, true],
    [1320, 420, 420, false],
    [540, 1020, 600, true],
    [540, 1020, 1020, false],
  ])('quiet from minute %i to %i at %i: %s', (fromMinute, toMinute, minute, quiet) => {
    expect(isQuiet({ on: true, fromMinute, toMinute, p1BreaksIn: true }, minute)).toBe(quiet);
  });

  it('show at most three toasts a minute in a storm of 10,000, and miss none', () => {
    const plan = new NotificationPlan();
    const toasts: { readonly atMs: number; readonly toast: Toast }[] = [];
    const show = (atMs: number, list: readonly Toast[]) => toasts.push(...list.map((toast) => ({ atMs, toast })));
    const ids: string[] = [];
    for (let i = 0; i < 10_000; i++) {
      const nowMs = NOW + i * 30;
      ids.push(`eu/i${i}`);
      show(nowMs, plan.take('eu', 'EU', fresh(i % 3 === 0 ? 'P1' : 'P2', `i${i}`, nowMs), around(nowMs)));
      if (i % 33 === 0) show(nowMs, plan.tick(around(nowMs)));
    }
    for (let s = 0; s <= 61; s++) show(NOW + 300_000 + s * 1000, plan.tick(around(NOW + 300_000 + s * 1000)));
    for (const { atMs } of toasts) {
      const inAMinute = toasts.filter((other) => other.atMs > atMs - MINUTE && other.atMs <= atMs);
      expect(inAMinute.length).toBeLessThanOrEqual(MAX_TOASTS_PER_MINUTE);
    }
    expect(toasts.flatMap(({ toast }) => toast.told).toSorted()).toEqual(ids.toSorted());
    expect(toasts[0]?.atMs).toBe(NOW);
  });

  it('shows text from logs as text on one line', () => {
    const evil = fresh('P1');
    const [toast] = new NotificationPlan().take(
      'eu',
      'EU',
      { ...evil, title: `a\u0007\u202e${'x'.repeat(500)}\nb` },
      around(),
    );
    expect(toast?.body).toMatch(/^a x+$/);
    expect(toast?.body.length).toBeLessThanOrEqual(180);
  });
});
