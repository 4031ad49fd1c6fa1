import { describe, expect, it } from 'vitest';
import { anAlert, anIncident } from '../../testing/an-incident.ts';
import { noticedOf } from './first-mover-strip.tsx';

const AT = 1_767_229_190_000;

describe('noticedOf', () => {
  it('orders services by when each was noticed, and counts each once', () => {
    const incident = anIncident({
      alerts: [
        anAlert({ service: 'order-service', opened_at_ms: AT + 21_000 }),
        anAlert({ service: 'payment-service', opened_at_ms: AT + 2000 }),
        anAlert({ service: 'order-service', signal: 'error_rate', opened_at_ms: AT + 14_000 }),
      ],
    });
    expect(noticedOf(incident)).toEqual([
      { service: 'payment-service', afterMs: 0 },
      { service: 'order-service', afterMs: 14_000 },
    ]);
  });

  it('puts first whom the agent holds for the first, also when another alert opened earlier', () => {
    const incident = anIncident({
      alerts: [anAlert({ service: 'gateway', opened_at_ms: AT - 3000 }), anAlert({ opened_at_ms: AT + 2000 })],
    });
    expect(noticedOf(incident).map(({ service }) => service)).toEqual(['payment-service', 'gateway']);
  });
});
