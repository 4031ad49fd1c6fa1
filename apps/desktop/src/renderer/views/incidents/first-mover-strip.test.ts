import { describe, expect, it } from 'vitest';
import { anAlert, anIncident } from '../../testing/an-incident.ts';
import { onsetsOf } from './first-mover-strip.tsx';

describe('onsetsOf', () => {
  it('orders services by when each left its band, and counts each once', () => {
    const at = 1_767_229_190_000;
    const incident = anIncident({
      alerts: [
        anAlert({ service: 'order-service', opened_at_ms: at + 21_000 }),
        anAlert({ service: 'payment-service', opened_at_ms: at + 2000 }),
        anAlert({ service: 'order-service', signal: 'error_rate', opened_at_ms: at + 14_000 }),
      ],
    });
    expect(onsetsOf(incident)).toEqual([
      { service: 'payment-service', atMs: at },
      { service: 'order-service', atMs: at + 14_000 },
    ]);
  });

  it('goes by what the agent says of who followed, not by when it was noticed', () => {
    const at = 1_767_229_190_000;
    const { first_mover } = anIncident();
    const followed_by = [{ service: 'order-service', at_ms: at + 2000 }];
    const incident = anIncident({
      first_mover: { ...first_mover, at_ms: at, followed_by },
      alerts: [
        anAlert({ service: 'order-service', opened_at_ms: at - 5000 }),
        anAlert({ service: 'payment-service', opened_at_ms: at + 2000 }),
      ],
    });
    expect(onsetsOf(incident)).toEqual([
      { service: 'payment-service', atMs: at },
      { service: 'order-service', atMs: at + 2000 },
    ]);
  });
});
