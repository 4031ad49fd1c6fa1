import type { IncidentDetail } from '@sentinellog/shared';
import { anAnomaly } from '@sentinellog/shared/testing';
import { describe, expect, it } from 'vitest';
import { IncidentNotices, type IncidentNoticesParts, minutesOf } from './incident-notices.ts';
import { anIncident } from './notify/testing/a-notice.ts';
import type { Delivery } from './pipeline/delivery.ts';

const first = anAnomaly({ event_id: '01996f00-0000-7000-8000-00000000000a' });
const later = anAnomaly({
  event_id: '01996f00-0000-7000-8000-00000000000b',
  service: 'order-service',
  raw_data_sample: [{ at_ms: 1_900_000_000_000, level: 'error', message: 'POST /charge timed out' }],
});
const analysis = { at_ms: 1, summary: '', hypotheses: [], affected_services: [], steps: [] };
const detail: IncidentDetail = {
  incident: anIncident(),
  anomalies: [later, first],
  timeline: [],
  correlated: [],
  runbooks: [{ runbook_id: 'pool', title: 'Connection pool exhausted', because: 'same words', score: 2 }],
  analyses: [
    { ...analysis, by: 'claude' },
    { ...analysis, by: 'rules' },
  ],
  similar: [],
};
const delivery: Delivery = {
  incidentId: detail.incident.incident_id,
  channelId: 'slack',
  transition: 'opened',
  turn: 1,
  notBeforeMs: 0,
  because: 'P1 pages at all hours',
  batch: false,
};

function notices(overrides: Partial<IncidentNoticesParts> = {}) {
  const missing: string[] = [];
  const maker = new IncidentNotices({
    detailOf: () => Promise.resolve(detail),
    chartOf: ({ service }) => Promise.resolve({ t: [1], value: [1], lower: [null], upper: [null], label: service }),
    clustersOf: () => Promise.resolve([]),
    consoleUrl: 'https://sentinellog.example.com',
    cluster: 'EU',
    onMissing: (part) => void missing.push(part),
    ...overrides,
  });
  return { maker, missing };
}

describe('what a person is told of an incident', () => {
  it('begins with the first mover, in its lines and in its chart', async () => {
    const notice = await notices().maker.noticeOf(delivery);
    expect(notice?.samples.map(({ service }) => service)).toEqual(['payment-service', 'order-service']);
    expect(notice?.chart?.label).toBe('payment-service');
    expect(notice?.headline).toBe(detail.incident.title);
    expect(notice?.runbook).toEqual({ id: 'pool', title: 'Connection pool exhausted' });
    expect(notice?.analysis?.by).toBe('claude');
    expect(notice?.consoleUrl).toBe(`https://sentinellog.example.com/#/incidents/${delivery.incidentId}`);
  });

  it('goes without the extras that cannot be had', async () => {
    const { maker, missing } = notices({
      chartOf: () => Promise.reject(new Error('the store is away')),
      clustersOf: () => Promise.reject(new Error('not yet')),
      consoleUrl: null,
    });
    expect(await maker.noticeOf(delivery)).toMatchObject({ chart: null, topClusters: [], consoleUrl: null });
    expect(missing).toEqual(['chart', 'clusters']);
  });

  it('is nothing where the incident is gone, and waits where the store is', async () => {
    expect(await notices({ detailOf: () => Promise.resolve(null) }).maker.noticeOf(delivery)).toBeNull();
    const away = notices({ detailOf: () => Promise.reject(new Error('the store is away')) });
    await expect(away.maker.noticeOf(delivery)).rejects.toThrow();
  });
});

describe('the chart of a message', () => {
  it('draws a share as a percentage, and says what it draws', () => {
    const columns = [
      [60, 120],
      [0.05, null],
      [0, 0],
      [0, 0],
      [0.01, 0.01],
    ] as const;
    expect(minutesOf(anAnomaly({ signal: 'error_rate' }), columns)).toMatchObject({
      value: [5, null],
      upper: [1, 1],
      label: 'payment-service errors, % of its lines',
    });
    expect(minutesOf(anAnomaly({ signal: 'volume' }), columns)).toMatchObject({
      value: [0.05, null],
      label: 'payment-service volume a minute',
    });
  });
});
