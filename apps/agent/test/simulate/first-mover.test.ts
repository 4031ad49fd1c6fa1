import { SourceWatch } from '@sentinellog/detector';
import { EMPTY_COUNTS } from '@sentinellog/shared';
import { expect, it } from 'vitest';
import { firstMover } from '../../src/correlate/first-mover.ts';
import type { Onset } from '../../src/correlate/relation.ts';
import { ScenarioSchedule } from '../../src/simulate/scenario-schedule.ts';
import type { ServiceName } from '../../src/simulate/services.ts';
import { TrafficModel } from '../../src/simulate/traffic-model.ts';

const CASCADE = ['payment-service', 'order-service', 'gateway'] as const;
const HISTORY = 3600;
const WATCHED = 25;
/** Local time matters: at night there are fewer lines a second, and an onset is harder to place. */
const HOURS = [3, 9, 14, 22];

/** What the shipped detector makes of a cascade, whose root begins at second 0, without a line of it being read. */
function onsetsOfCascade(seed: number): Onset[] {
  const begin = Date.UTC(2026, 1, 3, HOURS[seed % HOURS.length]) / 1000 + seed * 67;
  const schedule = new ScenarioSchedule([{ name: 'cascade', start: { type: 'offset', seconds: 0 } }]);
  schedule.begin(begin);
  const model = new TrafficModel({ seed, rate: 1, referenceSecond: begin, scenariosAt: (at) => schedule.at(at) });
  return CASCADE.flatMap((service) => onsetsOf(service, model, begin));
}

function onsetsOf(service: ServiceName, model: TrafficModel, begin: number): Onset[] {
  const watch = new SourceWatch({ sensitivity: 'medium', timeZone: 'UTC' });
  const found: Onset[] = [];
  for (let at = begin - HISTORY; at < begin + WATCHED; at++) {
    const { events, errors } = model.countsAt(service, at);
    for (const change of watch.observe(at, { ...EMPTY_COUNTS, info: events - errors, error: errors })) {
      if (change.type !== 'opened' || at < begin) continue;
      const { window } = change.finding;
      const { from, to } = change.onset ?? { from: window.end - window.seconds, to: window.end };
      const [from_ms, to_ms] = [(from - begin) * 1000, (to - begin) * 1000];
      found.push({ event_id: `${service} ${change.signal}`, source_id: service, service, from_ms, to_ms, reason: '' });
    }
  }
  return found;
}

const orderCallsPayment = (from: string, to: string) => from === 'order-service' && to === 'payment-service';

it('the root of twenty cascades is first in each, by its onset alone and whatever is learnt of who calls whom', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const onsets = onsetsOfCascade(seed);
    expect([...new Set(onsets.map(({ service }) => service))].toSorted(), `seed ${seed}`).toEqual(CASCADE.toSorted());
    for (const known of [() => false, orderCallsPayment]) {
      const { service, followed_by = [] } = firstMover(onsets, known);
      expect([service, ...followed_by.map((one) => one.service)], `seed ${seed}`).toEqual(CASCADE);
    }
  }
}, 60_000);

it('an onset is where a cascade begins, to within seconds, long before and after it is noticed', () => {
  for (let seed = 1; seed <= 3; seed++)
    for (const [index, service] of CASCADE.entries()) {
      const sharp = onsetsOfCascade(seed).find(({ event_id }) => event_id === `${service} error_rate`);
      const atMs = index * 2000;
      expect(sharp?.from_ms, `${service}, seed ${seed}`).toBeLessThanOrEqual(atMs);
      expect(sharp?.to_ms, `${service}, seed ${seed}`).toBeGreaterThan(atMs);
      expect((sharp?.to_ms ?? 0) - (sharp?.from_ms ?? 0)).toBeLessThanOrEqual(6000);
    }
}, 60_000);
