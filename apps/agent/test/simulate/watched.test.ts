import { SourceWatch } from '@sentinellog/detector';
import { EMPTY_COUNTS } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { DEMO, type PlannedScenario, ScenarioSchedule } from '../../src/simulate/scenario-schedule.ts';
import { SERVICE_NAMES, type ServiceName } from '../../src/simulate/services.ts';
import { TrafficModel } from '../../src/simulate/traffic-model.ts';

const HOUR = 3600;
const second = (iso: string) => Date.parse(iso) / 1000;

interface Watched {
  readonly service: ServiceName;
  readonly from: number;
  readonly until: number;
  readonly scenarios?: readonly PlannedScenario[];
  /** What the offsets of scenarios count from. */
  readonly begin?: number;
}

/** The seconds at which anomalies of a service opened, with their signal: the shipped detector at medium sensitivity. */
function openings({ service, from, until, scenarios = [], begin = until }: Watched): { at: number; signal: string }[] {
  const schedule = new ScenarioSchedule(scenarios);
  schedule.begin(begin);
  const model = new TrafficModel({ seed: 1, rate: 1, referenceSecond: begin, scenariosAt: (at) => schedule.at(at) });
  const watch = new SourceWatch({ sensitivity: 'medium', timeZone: 'UTC' });
  const opened: { at: number; signal: string }[] = [];
  for (let at = from; at < until; at++) {
    const { events, errors } = model.countsAt(service, at);
    const found = watch.observe(at, { ...EMPTY_COUNTS, info: events - errors, error: errors });
    for (const { type, signal } of found) if (type === 'opened') opened.push({ at: at - begin, signal });
  }
  return opened;
}

describe('the demo, watched by the detector', () => {
  const begin = second('2026-02-03T14:00:00Z');
  const demo = { from: begin - 24 * HOUR, until: begin + HOUR, scenarios: DEMO, begin };

  // Closed seconds reach the detector three seconds later: seven here are ten on the wall clock.
  it.each(['payment-service', 'order-service', 'gateway'] as const)(
    '%s is found within seven seconds of each cascade',
    (service) => {
      const found = openings({ ...demo, service }).filter(({ signal }) => signal === 'error_rate');
      expect(found).toHaveLength(3);
      for (const [i, cascade] of [90, 1290, 2490].entries()) {
        expect(found[i].at).toBeGreaterThanOrEqual(cascade);
        expect(found[i].at).toBeLessThanOrEqual(cascade + 7);
      }
    },
  );

  it('the service that falls silent is found within two minutes', () => {
    const [first] = openings({ ...demo, service: 'notification-service' });
    expect(first.at - 630).toBeGreaterThan(0);
    expect(first.at - 630).toBeLessThan(120);
  });

  it.each(['inventory-service', 'search-service', 'user-service', 'batch-reports'] as const)(
    '%s stays quiet while it is live',
    (service) => {
      // Before it, the first nightly run of batch-reports is news to anybody.
      expect(openings({ ...demo, service }).filter(({ at }) => at >= 0)).toEqual([]);
    },
  );

  it.each([4, 22])('a cascade in the quiet hours is found as fast (%d h)', (hour) => {
    const night = second('2026-02-04T00:00:00Z') + hour * HOUR;
    const cascade: PlannedScenario = { name: 'cascade', start: { type: 'offset', seconds: 0 } };
    for (const service of ['payment-service', 'order-service', 'gateway'] as const) {
      const [first] = openings({
        service,
        from: night - 24 * HOUR,
        until: night + 60,
        scenarios: [cascade],
        begin: night,
      });
      expect(first.at, service).toBeLessThanOrEqual(7);
    }
  });
});

describe('an ordinary long weekend, watched by the detector', () => {
  // Friday to Tuesday: the first busy Monday that it sees.
  const from = second('2026-02-06T00:00:00Z');

  it.each(SERVICE_NAMES.filter((service) => service !== 'batch-reports'))('%s raises nothing', (service) => {
    expect(openings({ service, from, until: from + 4 * 24 * HOUR })).toEqual([]);
  });
});
