import { anAnomaly } from '@sentinellog/shared/testing';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import { AnomalyCrier } from './anomaly-crier.ts';

function aCrier() {
  const clock = new FakeClock(1_767_229_200_000);
  const said: string[] = [];
  const crier = new AnomalyCrier(clock.now, clock.setTimer, (text) => said.push(text));
  return { crier, clock, said };
}

describe('AnomalyCrier', () => {
  it('says a P1 at once, with what, where and how much', () => {
    const { crier, said } = aCrier();
    crier.cry(anAnomaly(), 'EU');
    expect(said).toEqual(['P1 spike of payment-service at EU: 620 lines in 10 s where 210 are normal (14.2σ above)']);
  });

  it('does not talk over a storm: one in ten seconds, the rest in one sentence', () => {
    const { crier, clock, said } = aCrier();
    for (let i = 0; i < 20; i++) {
      crier.cry(anAnomaly({ event_id: `${i}` }), 'EU');
      clock.advance(400);
    }
    clock.advance(30_000);
    expect(said).toHaveLength(2);
    expect(said[1]).toBe('19 new P1');
  });

  it('gathers the quiet ones', () => {
    const { crier, clock, said } = aCrier();
    for (const severity of ['P4', 'P3', 'P3'] as const) crier.cry(anAnomaly({ severity }), 'EU');
    clock.advance(30_000);
    expect(said).toEqual(['2 new P3, 1 new P4']);
  });

  it('says nothing of what is already over, and nothing after a stop', () => {
    const { crier, clock, said } = aCrier();
    crier.cry(anAnomaly({ state: 'recovered' }), 'EU');
    crier.cry(anAnomaly({ severity: 'P4' }), 'EU');
    crier.stop();
    clock.advance(60_000);
    expect(said).toEqual([]);
  });
});
