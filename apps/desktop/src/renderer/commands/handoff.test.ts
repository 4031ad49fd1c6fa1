import { describe, expect, it } from 'vitest';
import { anAlert, anIncident } from '../testing/an-incident.ts';
import { handoff } from './handoff.ts';

describe('handoff', () => {
  it('says what, since when, whose, where it began and where it is found', () => {
    const text = handoff(anIncident({ assigned_to: 'mia', alerts: [anAlert()] }), 'EU', 1_767_229_490_000);
    expect(text.split('\n')).toEqual([
      '**P1 INC-20260101005950@EU: payment-service: 620 lines in 10 s where 210 are normal (14.2σ above)**',
      'open, still firing, for 5 m (since 2026-01-01 00:59 UTC)',
      'Owner: mia',
      'First: payment-service at 2026-01-01 00:59 UTC, the only service that is outside',
      '- payment-service: 620 lines in 10 s where 210 are normal (14.2σ above)',
      'sentinellog://incident/01996f10-0000-7000-8000-000000000001?cluster=EU',
    ]);
  });
});
