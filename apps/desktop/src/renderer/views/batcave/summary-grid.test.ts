import { expect, it } from 'vitest';
import { anIncident } from '../../testing/an-incident.ts';
import { startsByHour, summaryRows } from './summary-grid.ts';

it('counts an incident in each of its services, worst service first, and nothing silenced or resolved', () => {
  const rows = summaryRows([
    anIncident({ services: ['search-service'], severity: 'P3' }),
    anIncident({ services: ['payment-service', 'order-service'], severity: 'P1' }),
    anIncident({ services: ['order-service'], severity: 'P2' }),
    anIncident({ services: ['email-worker'], severity: 'P1', silence_id: 's1' }),
    anIncident({ services: ['auth-service'], severity: 'P1', state: 'RESOLVED' }),
  ]);
  expect(rows).toEqual([
    { service: 'order-service', counts: { P1: 1, P2: 1, P3: 0, P4: 0 } },
    { service: 'payment-service', counts: { P1: 1, P2: 0, P3: 0, P4: 0 } },
    { service: 'search-service', counts: { P1: 0, P2: 0, P3: 1, P4: 0 } },
  ]);
});

it('counts what began by the hour, the newest last, and leaves out what is older than a day', () => {
  const nowMs = 1_000_000_000_000;
  const at = (agoMs: number) => anIncident({ started_at_ms: nowMs - agoMs });
  const hours = startsByHour([at(1000), at(3_599_000), at(3_600_001), at(86_400_001)], nowMs);
  expect(hours).toHaveLength(24);
  expect(hours.slice(-2)).toEqual([1, 2]);
  expect(hours.reduce((sum, count) => sum + count, 0)).toBe(3);
});
