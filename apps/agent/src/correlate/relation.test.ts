import { describe, expect, it } from 'vitest';
import { type Newcomer, type Onset, relationsTo, type Suspect } from './relation.ts';

const T0 = 1_767_229_200_000;
const MINUTE = 60_000;

function onset(service: string, afterMs = 0, windowMs = 5000): Onset {
  const from_ms = T0 + afterMs;
  return { event_id: service, source_id: service, service, from_ms, to_ms: from_ms + windowMs, reason: 'more errors' };
}

function suspect(overrides: Partial<Suspect> = {}): Suspect {
  const onsets = [onset('payment-service')];
  return {
    incidentId: 'a',
    tenant: 'default',
    startedAtMs: T0,
    lastActiveMs: T0 + MINUTE,
    services: (overrides.onsets ?? onsets).map(({ service }) => service),
    onsets,
    traceIds: [],
    ...overrides,
  };
}

function newcomer(service: string, afterMs: number, overrides: Partial<Newcomer> = {}): Newcomer {
  return { tenant: 'default', onset: onset(service, afterMs), traceIds: [], ...overrides };
}

const strangers = () => false;
const areNeighbours = (_tenant: string, a: string, b: string) => a === 'payment-service' && b === 'order-service';
const bonds = (...args: Parameters<typeof relationsTo>) =>
  relationsTo(...args).map(({ incidentId, bond }) => `${incidentId} ${bond}`);

describe('what belongs to an incident', () => {
  it('is another series of a service that is part of it', () => {
    expect(bonds(newcomer('payment-service', 8 * MINUTE), [suspect()], strangers)).toEqual(['a service']);
  });

  it('is a service whose lines share a trace with it', () => {
    const one = newcomer('order-service', 3 * MINUTE, { traceIds: ['4bf92f35'] });
    expect(bonds(one, [suspect({ traceIds: ['00f067aa', '4bf92f35'] })], strangers)).toEqual(['a trace']);
  });

  it('is a service that calls one of it, or is called', () => {
    expect(bonds(newcomer('order-service', 3 * MINUTE), [suspect()], areNeighbours)).toEqual(['a dependency']);
  });

  it('is what began within thirty seconds of it', () => {
    expect(bonds(newcomer('search-service', 34_000), [suspect()], strangers)).toEqual(['a time']);
    expect(bonds(newcomer('search-service', 36_000), [suspect()], strangers)).toEqual([]);
  });

  it('is not what some long window says began about then', () => {
    const slow = { ...newcomer('search-service', 0), onset: onset('search-service', -4 * MINUTE, 5 * MINUTE) };
    expect(bonds(slow, [suspect()], strangers)).toEqual([]);
  });

  it('is nothing of another tenant, and nothing more than ten minutes away', () => {
    expect(bonds(newcomer('payment-service', 0, { tenant: 'other' }), [suspect()], strangers)).toEqual([]);
    expect(bonds(newcomer('payment-service', 12 * MINUTE), [suspect()], strangers)).toEqual([]);
    expect(bonds(newcomer('payment-service', -11 * MINUTE), [suspect()], strangers)).toEqual([]);
  });

  it('goes where the bond is firmest', () => {
    const suspects = [
      suspect({ incidentId: 'near' }),
      suspect({ incidentId: 'same', onsets: [onset('order-service', -MINUTE)] }),
    ];
    expect(bonds(newcomer('order-service', 10_000), suspects, strangers)).toEqual(['same service', 'near time']);
  });
});
