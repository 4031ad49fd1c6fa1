import { describe, expect, it } from 'vitest';
import { readSourceForm } from './source-form.ts';

const GOOD = { retention: '30', zone: 'Europe/Berlin', tags: 'payments, tier-1' };

describe('the settings of a source', () => {
  it('are read with spaces and repetitions taken out', () => {
    expect(readSourceForm({ retention: ' 90 ', zone: ' UTC ', tags: ' payments ,, tier-1,payments' })).toEqual({
      ok: true,
      value: { retention_days: 90, time_zone: 'UTC', tags: ['payments', 'tier-1'] },
    });
  });

  it.each([
    ['0', 'retention'],
    ['3651', 'retention'],
    ['3.5', 'retention'],
    ['', 'retention'],
  ])('refuse a retention of %j', (retention, word) => {
    expect(readSourceForm({ ...GOOD, retention })).toMatchObject({ ok: false, problem: expect.stringContaining(word) });
  });

  it.each(['', 'Mars/Olympus', 'Berlin time'])('refuse the zone %j', (zone) => {
    expect(readSourceForm({ ...GOOD, zone })).toMatchObject({ ok: false });
  });

  it('refuse too many and too long tags', () => {
    const many = Array.from({ length: 33 }, (_, i) => `t${i}`).join(',');
    expect(readSourceForm({ ...GOOD, tags: many })).toMatchObject({ ok: false });
    expect(readSourceForm({ ...GOOD, tags: 'x'.repeat(65) })).toMatchObject({ ok: false });
  });
});
