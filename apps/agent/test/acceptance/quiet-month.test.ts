import { SourceWatch } from '@sentinellog/detector';
import { EMPTY_COUNTS } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import type { ScheduledScenario } from '../../src/simulate/scenarios.ts';
import { SERVICE_NAMES, type ServiceName } from '../../src/simulate/services.ts';
import { TrafficModel } from '../../src/simulate/traffic-model.ts';

const DAY = 86_400;
const DAYS = 30;
/** A Wednesday morning, so that the first Monday comes when nothing is known of Mondays. */
const FROM = Date.parse('2026-03-04T09:00:00Z') / 1000;

/** Every Monday everybody comes at once; every Wednesday there is a release. Neither is anybody's incident. */
function harmless(second: number): readonly ScheduledScenario[] {
  const midnight = Math.floor(second / DAY) * DAY;
  const weekday = new Date(second * 1000).getUTCDay();
  if (weekday === 1) return [{ name: 'busy-monday', startSecond: midnight + 8 * 3600 }];
  if (weekday === 3) return [{ name: 'deploy', startSecond: midnight + 14 * 3600 }];
  return [];
}

/** Anomalies of thirty days of one simulated service at medium sensitivity, from a cold start: day and reason. */
function anomaliesOf(service: ServiceName, scenariosAt: (second: number) => readonly ScheduledScenario[]): string[] {
  const model = new TrafficModel({ seed: 3, rate: 1, referenceSecond: FROM + (DAYS * DAY) / 2, scenariosAt });
  const watch = new SourceWatch({ sensitivity: 'medium', timeZone: 'UTC' });
  const found: string[] = [];
  for (let second = FROM; second < FROM + DAYS * DAY; second++) {
    const { events, errors } = model.countsAt(service, second);
    for (const event of watch.observe(second, { ...EMPTY_COUNTS, info: events - errors, error: errors })) {
      if (event.type === 'opened') found.push(`day ${Math.floor((second - FROM) / DAY)}: ${event.finding.reason}`);
    }
  }
  return found;
}

describe('thirty simulated days without an incident, at one-second frames', () => {
  it.each(SERVICE_NAMES.filter((name) => name !== 'batch-reports'))(
    '%s stays quiet, busy Mondays and releases included',
    (service) => {
      expect(anomaliesOf(service, harmless)).toEqual([]);
    },
    120_000,
  );

  it('batch-reports is told once, at the first night that its job is seen, and never again', () => {
    expect(anomaliesOf('batch-reports', harmless).map((each) => each.slice(0, 6))).toEqual(['day 0:']);
  }, 120_000);

  it('and the same month does tell of a service that falls silent on its last day', () => {
    const quietAt = FROM + (DAYS - 1) * DAY;
    const found = anomaliesOf('notification-service', (second) =>
      second >= quietAt ? [{ name: 'quiet-failure', startSecond: quietAt }] : [],
    );
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`day ${DAYS - 1}`);
  }, 120_000);
});
