import { describe, expect, it } from 'vitest';
import { anIncident } from '../testing/an-incident.ts';
import { AbsenceWatch, awayReport } from './away-report.ts';

const FROM_MS = 1_767_229_200_000;
const row = (overrides: Parameters<typeof anIncident>[0]) => ({
  agentId: 'eu',
  incident: anIncident({ opened_at_ms: FROM_MS + 1000, ...overrides }),
  pending: null,
});

describe('while you were away', () => {
  it('tells apart what opened, what recovered, what was taken and what still waits', () => {
    const report = awayReport(
      [
        row({ key: 'old', opened_at_ms: FROM_MS - 1000 }),
        row({ key: 'waits' }),
        row({ key: 'recovered', state: 'RESOLVED', resolution: 'recovered', resolved_at_ms: FROM_MS + 5000 }),
        row({ key: 'taken', state: 'ACK', acked_by: 'lena', acked_at_ms: FROM_MS + 6000 }),
      ],
      FROM_MS,
      FROM_MS + 3_600_000,
    );
    const keys = (rows: typeof report.opened) => rows.map(({ incident }) => incident.key);
    expect(keys(report.opened)).toEqual(['waits', 'recovered', 'taken']);
    expect(keys(report.recovered)).toEqual(['recovered']);
    expect(keys(report.taken)).toEqual(['taken']);
    expect(keys(report.stillOpen)).toEqual(['waits']);
  });
});

function aWatch() {
  const returns: number[] = [];
  return { watch: new AbsenceWatch((fromMs) => returns.push(fromMs)), returns };
}

describe('AbsenceWatch', () => {
  it('notices a page that was hidden for five minutes, and no shorter one', () => {
    const { watch, returns } = aWatch();
    watch.visible(false, 0);
    watch.visible(true, 299_000);
    watch.visible(false, 300_000);
    watch.visible(true, 700_000);
    expect(returns).toEqual([300_000]);
  });

  it('notices a machine that slept, once', () => {
    const { watch, returns } = aWatch();
    watch.tick(0);
    watch.tick(5000);
    watch.tick(3_600_000);
    watch.tick(3_605_000);
    expect(returns).toEqual([5000]);
  });
});
