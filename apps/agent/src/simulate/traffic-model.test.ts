import { describe, expect, it } from 'vitest';
import { SERVICE_NAMES, SERVICES, type ServiceName } from './services.ts';
import { TrafficModel, type TrafficModelOptions } from './traffic-model.ts';

const second = (iso: string) => Date.parse(iso) / 1000;
const REFERENCE = second('2026-02-02T00:00:00Z');

const aModel = (overrides: Partial<TrafficModelOptions> = {}) =>
  new TrafficModel({ seed: 1, rate: 1, referenceSecond: REFERENCE, scenariosAt: () => [], ...overrides });

/** Expected lines of a stretch, from one look a minute. */
function expectedLines(model: TrafficModel, service: ServiceName, from: number, seconds: number): number {
  let sum = 0;
  for (let at = from; at < from + seconds; at += 60) sum += model.ratePerSecond(service, at) * 60;
  return sum;
}

const DAY = 86_400;

/** Lines of an average day of all services. */
function linesPerDay(rate: number): number {
  const model = aModel({ rate });
  return SERVICE_NAMES.reduce((sum, service) => sum + expectedLines(model, service, REFERENCE, 7 * DAY), 0) / 7;
}

const tenOnMonday = second('2026-02-02T09:00:00Z'); // 10:00 in Berlin
const tenOnTuesday = tenOnMonday + DAY;
const tenOnSunday = tenOnMonday + 6 * DAY;
const fourOnTuesday = tenOnTuesday - 6 * 3600;

describe('the traffic model', () => {
  it('gives a second the same counts whoever asks, whenever, for one seed', () => {
    const [forwards, backwards] = [aModel(), aModel()];
    const seconds = Array.from({ length: 200 }, (_, i) => tenOnMonday + i);
    const there = seconds.map((at) => forwards.countsAt('gateway', at).events);
    const back = seconds.toReversed().map((at) => backwards.countsAt('gateway', at).events);
    expect(back.toReversed()).toEqual(there);
    const other = aModel({ seed: 2 });
    expect(seconds.map((at) => other.countsAt('gateway', at).events)).not.toEqual(there);
  });

  it('comes to at most two million lines a day at rate 1, and to ten times that at rate 10', () => {
    expect(linesPerDay(1)).toBeGreaterThan(1_700_000);
    expect(linesPerDay(1)).toBeLessThan(2_000_000);
    expect(linesPerDay(10) / linesPerDay(1)).toBeCloseTo(10, 6);
  });

  it.each(SERVICE_NAMES.filter((service) => service !== 'batch-reports'))(
    '%s has days, weeks and busy Mondays',
    (service) => {
      const model = aModel();
      const around = (at: number) => expectedLines(model, service, at, 3600);
      const zoneShift = SERVICES[service].timeZone === 'America/New_York' ? 6 * 3600 : 0;
      expect(around(tenOnTuesday + zoneShift)).toBeGreaterThan(1.4 * around(fourOnTuesday + zoneShift));
      expect(around(tenOnMonday + zoneShift)).toBeGreaterThan(1.1 * around(tenOnTuesday + zoneShift));
      expect(around(tenOnSunday + zoneShift)).toBeLessThan(0.75 * around(tenOnMonday + zoneShift));
    },
  );

  it('has no step anywhere in a week but the nightly job', () => {
    const model = aModel();
    for (const service of SERVICE_NAMES) {
      if (service === 'batch-reports') continue;
      for (let at = REFERENCE; at < REFERENCE + 7 * DAY; at += 60) {
        const change = model.ratePerSecond(service, at + 60) / model.ratePerSecond(service, at);
        expect(Math.abs(change - 1)).toBeLessThan(0.03);
      }
    }
  });

  it('batch-reports works from two to twenty past two every night and idles else', () => {
    const model = aModel();
    for (let day = 0; day < 7; day++) {
      const two = REFERENCE + day * DAY + 2 * 3600;
      expect(model.ratePerSecond('batch-reports', two - 1)).toBeLessThan(0.2);
      expect(model.ratePerSecond('batch-reports', two)).toBeGreaterThan(5);
      expect(model.ratePerSecond('batch-reports', two + 1199)).toBeGreaterThan(5);
      expect(model.ratePerSecond('batch-reports', two + 1200)).toBeLessThan(0.2);
    }
  });

  it('grows from week to week', () => {
    const model = aModel();
    const week = (n: number) => expectedLines(model, 'search-service', REFERENCE + n * 7 * DAY, 7 * DAY);
    expect(week(26) / week(0)).toBeGreaterThan(1.08);
    expect(week(26) / week(0)).toBeLessThan(1.22);
  });

  it.each(SERVICE_NAMES)('%s draws around its rate, burstier than chance alone, with few errors', (service) => {
    const model = aModel();
    const from = service === 'batch-reports' ? REFERENCE + 2 * 3600 : tenOnTuesday;
    const seconds = service === 'batch-reports' ? 1200 : 7200;
    let [events, errors, expected, squares] = [0, 0, 0, 0];
    for (let at = from; at < from + seconds; at++) {
      const counts = model.countsAt(service, at);
      const rate = model.ratePerSecond(service, at);
      expect(counts.errors).toBeLessThanOrEqual(counts.events);
      events += counts.events;
      errors += counts.errors;
      expected += rate;
      squares += (counts.events - rate) ** 2;
    }
    expect(Math.abs(events / expected - 1)).toBeLessThan(0.05);
    expect(Math.abs(squares / expected / SERVICES[service].dispersion - 1)).toBeLessThan(0.15);
    expect(errors / events).toBeLessThan(0.02);
    expect(SERVICES[service].errorShare).toBeGreaterThanOrEqual(0.003);
    expect(SERVICES[service].errorShare).toBeLessThanOrEqual(0.01);
  });
});
