import { describe, expect, it } from 'vitest';
import { IncidentLedger, type IncidentRecord } from './incident-ledger.ts';
import { NIGHT } from './testing/routing-builders.ts';

function aRecord(incidentId: string): IncidentRecord {
  return {
    incidentId,
    atMs: NIGHT,
    waitingSinceMs: NIGHT,
    told: {},
    toldSeverity: null,
    hiddenBy: [],
    saidSilenceId: null,
  };
}

describe('the ledger of incidents', () => {
  it('forgets the one that nothing has happened to for longest, and counts it', () => {
    const ledger = new IncidentLedger();
    for (let index = 0; index < 10_000; index++) ledger.put(aRecord(`incident-${index}`));
    ledger.put(aRecord('incident-0'));
    expect(ledger.dropped).toBe(0);
    ledger.put(aRecord('incident-10000'));
    expect(ledger.of('incident-1')).toBeUndefined();
    expect(ledger.of('incident-0')).toBeDefined();
    expect(ledger.dropped).toBe(1);
  });

  it('gives each change to be stored once, and again when that failed', () => {
    const ledger = new IncidentLedger();
    ledger.put(aRecord('a'));
    const taken = ledger.takeChanged();
    expect(taken).toHaveLength(1);
    expect(ledger.takeChanged()).toEqual([]);
    ledger.put({ ...aRecord('a'), hiddenBy: ['window:x'] });
    ledger.giveBack(taken);
    expect(ledger.takeChanged()).toMatchObject([{ hiddenBy: ['window:x'] }]);
  });
});
