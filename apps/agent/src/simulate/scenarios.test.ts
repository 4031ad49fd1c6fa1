import { describe, expect, it } from 'vitest';
import { DEMO, ScenarioSchedule } from './scenario-schedule.ts';
import { effectOn, SCENARIO_NAMES, SCENARIOS, type ScenarioName, scenarioSeconds } from './scenarios.ts';
import { SERVICE_NAMES, type ServiceName } from './services.ts';
import { TrafficModel } from './traffic-model.ts';

const START = Date.parse('2026-03-03T14:00:00Z') / 1000;

function during(name: ScenarioName, from: number, to: number) {
  const scheduled = [{ name, startSecond: START }];
  const model = new TrafficModel({ seed: 4, rate: 1, referenceSecond: START, scenariosAt: () => scheduled });
  return (service: ServiceName) => {
    let [events, errors, expected] = [0, 0, 0];
    for (let at = START + from; at < START + to; at++) {
      const counts = model.countsAt(service, at);
      events += counts.events;
      errors += counts.errors;
      expected += model.ratePerSecond(service, at) / counts.effect.volume;
    }
    return { errorShare: errors / events, volume: events / expected };
  };
}

/** Seconds into the cascade at which a service begins to fail. */
function firstFailing(service: ServiceName): number {
  let at = 0;
  while (effectOn([{ name: 'cascade', startSecond: START }], service, START + at).errorShare === undefined) at++;
  return at;
}

/** How busy the gateway is, so many seconds into a busy Monday. */
const mondayVolume = (seconds: number) =>
  effectOn([{ name: 'busy-monday', startSecond: START }], 'gateway', START + seconds).volume;

const names = (schedule: ScenarioSchedule, at: number) => schedule.at(at).map(({ name }) => name);

describe('the cascade', () => {
  it('goes payment, order, gateway, all within ten seconds', () => {
    expect([firstFailing('payment-service'), firstFailing('order-service'), firstFailing('gateway')]).toEqual([
      0, 2, 4,
    ]);
  });

  it('fails more than 40 % of payments, and slows them down, for five minutes', () => {
    const payment = during('cascade', 0, 300)('payment-service');
    expect(payment.errorShare).toBeGreaterThan(0.4);
    expect(effectOn([{ name: 'cascade', startSecond: START }], 'payment-service', START).latency).toBeGreaterThan(5);
    expect(during('cascade', 300, 900)('payment-service').errorShare).toBeLessThan(0.02);
  });

  it('fails a good part of orders and of requests at the gateway', () => {
    expect(during('cascade', 2, 302)('order-service').errorShare).toBeGreaterThan(0.3);
    expect(during('cascade', 4, 304)('gateway').errorShare).toBeGreaterThan(0.3);
  });

  it('leaves every other service alone', () => {
    for (const service of SERVICE_NAMES) {
      if (['payment-service', 'order-service', 'gateway'].includes(service)) continue;
      const { errorShare, volume } = during('cascade', 0, 300)(service);
      if (service !== 'batch-reports') expect(Math.abs(volume - 1)).toBeLessThan(0.15);
      expect(errorShare).toBeLessThan(0.05);
    }
  });
});

describe('scenarios', () => {
  it.each(SCENARIO_NAMES)('%s says what it is, starts at once and ends', (name) => {
    expect(SCENARIOS[name].sentence.length).toBeGreaterThan(20);
    expect(Math.min(...SCENARIOS[name].episodes.map(({ startsAfter }) => startsAfter))).toBe(0);
    const end = START + scenarioSeconds(name);
    for (const service of SERVICE_NAMES) {
      expect(effectOn([{ name, startSecond: START }], service, START - 1)).toEqual({ volume: 1, latency: 1 });
      expect(effectOn([{ name, startSecond: START }], service, end)).toEqual({ volume: 1, latency: 1 });
    }
  });

  it('a quiet failure leaves next to nothing, a partial drop 40 %', () => {
    expect(during('quiet-failure', 0, 300)('notification-service').volume).toBeLessThan(0.05);
    expect(during('partial-drop', 0, 600)('inventory-service').volume).toBeCloseTo(0.4, 1);
  });

  it('a busy Monday comes and goes without a step, and without more errors', () => {
    expect(mondayVolume(0)).toBeCloseTo(1, 5);
    expect(mondayVolume(2 * 3600)).toBeCloseTo(1.35, 5);
    for (let seconds = 0; seconds < 4 * 3600; seconds += 60)
      expect(Math.abs(mondayVolume(seconds + 60) - mondayVolume(seconds))).toBeLessThan(0.02);
    expect(during('busy-monday', 3600, 7200)('gateway').errorShare).toBeLessThan(0.02);
  });

  it('brute force multiplies the lines of auth-service and its failures', () => {
    const { volume, errorShare } = during('brute-force', 0, 240)('auth-service');
    expect(volume).toBeGreaterThan(3);
    expect(errorShare).toBeGreaterThan(0.15);
  });

  it('two at once multiply', () => {
    const both = [
      { name: 'busy-monday', startSecond: START - 7200 },
      { name: 'cascade', startSecond: START },
    ] as const;
    expect(effectOn(both, 'payment-service', START).volume).toBeCloseTo(1.35 * 2.6, 5);
    expect(effectOn(both, 'payment-service', START).errorShare).toBe(0.68);
  });
});

describe('the schedule', () => {
  it('counts offsets from where the present was reached, and never before', () => {
    const schedule = new ScenarioSchedule([{ name: 'cascade', start: { type: 'offset', seconds: 90 } }]);
    expect(names(schedule, START + 90)).toEqual([]);
    schedule.begin(START);
    schedule.begin(START + 500);
    expect(names(schedule, START + 89)).toEqual([]);
    expect(names(schedule, START + 90)).toEqual(['cascade']);
    expect(names(schedule, START + 90 + scenarioSeconds('cascade'))).toEqual([]);
  });

  it('takes a point in time as it is', () => {
    const schedule = new ScenarioSchedule([{ name: 'partial-drop', start: { type: 'instant', unixSecond: START } }]);
    expect(names(schedule, START - 1)).toEqual([]);
    expect(names(schedule, START)).toEqual(['partial-drop']);
  });

  it('shows a cascade 90 s into the demo and every twenty minutes, with other troubles in between', () => {
    const schedule = new ScenarioSchedule(DEMO);
    schedule.begin(START);
    const starts: string[] = [];
    let before: readonly string[] = [];
    for (let at = 0; at < 40 * 60; at++) {
      const now = names(schedule, START + at);
      for (const name of now) if (!before.includes(name)) starts.push(`${at} ${name}`);
      expect(now.length).toBeLessThanOrEqual(1);
      before = now;
    }
    expect(starts).toEqual(['90 cascade', '630 quiet-failure', '1290 cascade', '1830 brute-force']);
  });
});
