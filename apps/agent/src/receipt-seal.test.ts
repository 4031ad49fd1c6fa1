import { randomBytes } from 'node:crypto';
import { buildReceipt, SourceWatch, verifyReceipt } from '@sentinellog/detector';
import { EIGHT_SERVICES, Traffic } from '@sentinellog/detector/testing';
import { type Receipt, ReceiptSchema } from '@sentinellog/shared';
import { assert, constantFrom, double, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReceiptSeal, sealDifferences } from './receipt-seal.ts';

const START = Date.UTC(2026, 2, 2) / 1000;
const HOUR = 3600;
const AGENT = '01996f00-0000-7000-8000-0000000000ff';
const seal = new ReceiptSeal(AGENT, randomBytes(32));

/** At least so many receipts, of bursts of errors and traffic and of outages, over hours of all eight services. */
function sealedReceipts(most: number): Receipt[] {
  const receipts: Receipt[] = [];
  for (let seed = 1; receipts.length < most; seed++) {
    const rhythm = EIGHT_SERVICES[seed % EIGHT_SERVICES.length];
    const disturbances = Array.from({ length: 5 }, (_, at) => ({
      from: START + HOUR + at * 1800,
      to: START + HOUR + at * 1800 + 300,
      volume: at % 2 === 0 ? 4 + seed / 10 : 0,
      errorShare: 0.4,
    }));
    const traffic = new Traffic(rhythm, { seed, reference: START, disturbances });
    const sensitivity = (['low', 'medium', 'high'] as const)[seed % 3];
    const sigma = seed % 4 === 0 ? 2.75 : null;
    const watch = new SourceWatch({ sensitivity, sigma, timeZone: rhythm.timeZone });
    for (let second = START; second < START + 4 * HOUR; second++) {
      for (const event of watch.observe(second, traffic.frame(second))) {
        if (!('finding' in event)) continue;
        const made = buildReceipt(event.finding, event.evidence, { sourceId: AGENT, service: rhythm.service });
        receipts.push(seal.seal({ ...made, sample_hashes: ['ab'.repeat(32)] }));
      }
    }
  }
  return receipts.slice(0, most);
}

function differencesOf(receipt: Receipt): readonly string[] {
  return [...verifyReceipt(receipt).differences, ...sealDifferences(receipt, seal.publicKey)];
}

describe('a sealed receipt', () => {
  const receipts = sealedReceipts(1000);

  it('verifies a thousand times over, after it has been through JSON', () => {
    expect(receipts).toHaveLength(1000);
    for (const receipt of receipts) {
      expect(differencesOf(ReceiptSchema.parse(JSON.parse(JSON.stringify(receipt))))).toEqual([]);
    }
  });

  it('altered in any field is refused, whatever it is altered to', () => {
    const fields = Object.keys(ReceiptSchema.shape) as (keyof Receipt)[];
    expect(fields.length).toBe(Object.keys(receipts[0]).length);
    const values = oneof(double(), string(), constantFrom('low', 'P1', 0, true, null, undefined, [], ['x'], {}));
    assert(
      property(constantFrom(...receipts.slice(0, 50)), constantFrom(...fields), values, (receipt, field, value) => {
        const altered = JSON.stringify({ ...receipt, [field]: value });
        if (altered === JSON.stringify(receipt)) return;
        const parsed = ReceiptSchema.safeParse(JSON.parse(altered));
        if (parsed.success) expect(differencesOf(parsed.data)).not.toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(Object.keys(ReceiptSchema.shape) as (keyof Receipt)[])('with another %s is refused', (field) => {
    const [receipt] = receipts;
    const value = receipt[field];
    const altered =
      typeof value === 'number'
        ? value * (1 + 1e-12) + 1e-9
        : typeof value === 'string'
          ? `${value.slice(0, -1)}${value.endsWith('0') ? '1' : '0'}`
          : field === 'agent'
            ? { agent_id: AGENT, public_key: 'A'.repeat(43) }
            : [{ from: 1, to: 2 }];
    expect(sealDifferences({ ...receipt, [field]: altered }, seal.publicKey)).not.toEqual([]);
  });

  it('without its seal, or with the seal of somebody else, is refused', () => {
    const [{ agent: _agent, digest: _digest, signature: _signature, ...bare }] = receipts;
    expect(sealDifferences(bare)[0]).toContain('not signed');
    const forged = new ReceiptSeal(AGENT, randomBytes(32)).seal({ ...bare, service: 'another' });
    expect(sealDifferences(forged)).toEqual([]);
    expect(sealDifferences(forged, seal.publicKey)[0]).toContain("the agent's key is");
  });
});
