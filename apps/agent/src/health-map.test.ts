import { EMPTY_COUNTS } from '@sentinellog/shared';
import { anIncident, aSource } from '@sentinellog/shared/testing';
import { describe, expect, it } from 'vitest';
import { healthMapOf } from './health-map.ts';
import { summaryOf } from './incident/summary.ts';
import { ServiceRates } from './service-rates.ts';

const NOW = 1_767_229_200_000;
const PAYMENT = aSource({ last_seen_ms: NOW });
const ORDER = aSource({ source_id: 'order', service: 'order-service', last_seen_ms: NOW });
const GONE = aSource({ source_id: 'gone', service: 'old-service', last_seen_ms: NOW - 3_600_000 });
const [ALERT] = anIncident().alerts;
const NOTHING = EMPTY_COUNTS;

const map = (incidents = [anIncident()]) =>
  healthMapOf({
    nowMs: NOW,
    sources: [PAYMENT, ORDER, GONE],
    incidents,
    rates: { of: () => ({ eventsPerSecond: 10, errorShare: 0.5 }) },
    edges: [
      { from: 'order-service', to: 'payment-service', weight: 7 },
      { from: 'nobody', to: 'payment-service', weight: 1 },
    ],
  });

const healthOf = (incidents?: Parameters<typeof map>[0]) =>
  Object.fromEntries(map(incidents).nodes.map(({ service, health }) => [service, health]));

describe('the health map', () => {
  it('shows the worst of what fires, who is well, and of whom nothing is known', () => {
    expect(healthOf()).toEqual({ 'payment-service': 'P1', 'order-service': 'ok', 'old-service': 'unknown' });
    expect(map().nodes.find(({ service }) => service === 'payment-service')).toMatchObject({
      incident_ids: [anIncident().incident_id],
      events_per_second: 10,
      error_share: 0.5,
    });
  });

  it('says what open incidents say until they are resolved, whatever is quiet for a moment, and as people have rated them', () => {
    const quiet = anIncident({ alerts: [{ ...ALERT, firing: false }] });
    expect(healthOf([quiet])['payment-service']).toBe('P1');
    const rated = anIncident({ severity: 'P3', severity_override: { severity: 'P3', reason: 'a test', by: 'Mia' } });
    expect(healthOf([rated])['payment-service']).toBe('P3');
    const over = anIncident({ alerts: [{ ...ALERT, state: 'RESOLVED' }] });
    expect(healthOf([over, anIncident({ state: 'RESOLVED' })])['payment-service']).toBe('ok');
  });

  it('calls silent what is missed', () => {
    const missed = anIncident({ alerts: [{ ...ALERT, source_id: 'gone', direction: 'low' }] });
    expect(healthOf([missed])['old-service']).toBe('silent');
  });

  it('draws edges between known services only', () => {
    expect(map().edges).toEqual([{ from: 'order-service', to: 'payment-service', weight: 7 }]);
  });
});

describe('the rates of services', () => {
  it('follow about half a minute, with the share of errors', () => {
    const rates = new ServiceRates();
    for (let second = 0; second < 300; second++) rates.closed('a', second, { ...NOTHING, info: 9, error: 1 });
    expect(rates.of('a').eventsPerSecond).toBeCloseTo(10);
    expect(rates.of('a').errorShare).toBeCloseTo(0.1);
    for (let second = 300; second < 600; second++) rates.closed('a', second, { ...NOTHING });
    expect(rates.of('a').eventsPerSecond).toBeLessThan(0.01);
    expect(rates.of('b')).toEqual({ eventsPerSecond: 0, errorShare: null });
  });
});

describe('the summary', () => {
  it('counts open incidents by severity and service, and how long people take', () => {
    const incidents = [
      anIncident(),
      anIncident({ severity: 'P3', services: ['payment-service', 'cart'], opened_at_ms: NOW - 60_000 }),
      anIncident({ state: 'ACK', acked_at_ms: NOW, opened_at_ms: NOW - 30_000 }),
      anIncident({ state: 'RESOLVED', acked_at_ms: NOW - 1000, opened_at_ms: NOW - 11_000 }),
    ];
    expect(summaryOf(incidents, NOW)).toEqual({
      by_severity: { P1: 2, P2: 0, P3: 1, P4: 0 },
      by_service: [
        { service: 'cart', counts: { P1: 0, P2: 0, P3: 1, P4: 0 } },
        { service: 'payment-service', counts: { P1: 2, P2: 0, P3: 1, P4: 0 } },
      ],
      oldest_unacked_ms: 60_000,
      mtta_ms: 20_000,
    });
  });
});
