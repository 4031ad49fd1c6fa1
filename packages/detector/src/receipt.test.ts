import { ReceiptSchema } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { buildReceipt, deviationScoreOf, verifyReceipt } from './receipt.ts';
import { SourceWatch } from './source-watch.ts';
import { EIGHT_SERVICES, Traffic } from './testing/index.ts';

const START = Date.UTC(2026, 2, 2) / 1000;
const SOURCE = { sourceId: '01996f00-0000-7000-8000-000000000001', service: 'payment-service' };
const PAYMENT = EIGHT_SERVICES.find(({ service }) => service === 'payment-service')!;

/** Receipts of an incident: errors and volume up, then silence. */
function receipts() {
  const watched = new SourceWatch({ sensitivity: 'medium', timeZone: 'Europe/Berlin' });
  const up = { from: START + 7200, to: START + 7500, volume: 5, errorShare: 0.5 };
  const down = { from: START + 9000, to: START + 9300, volume: 0 };
  const traffic = new Traffic(PAYMENT, { seed: 5, reference: START, disturbances: [up, down] });
  return Array.from({ length: 9300 }, (_, i) => watched.observe(START + i, traffic.frame(START + i)))
    .flat()
    .flatMap((event) =>
      'finding' in event ? [{ event, receipt: buildReceipt(event.finding, event.evidence, SOURCE) }] : [],
    );
}

function withFinding() {
  const [{ event }] = receipts();
  return event;
}

describe('a receipt', () => {
  const made = receipts();

  it('of every decision verifies, also after it has been through JSON', () => {
    expect(new Set(made.map(({ receipt }) => receipt.signal))).toEqual(new Set(['volume', 'error_rate']));
    expect(made.some(({ receipt }) => receipt.z < 0)).toBe(true);
    for (const { receipt } of made) {
      const back = ReceiptSchema.parse(JSON.parse(JSON.stringify(receipt)));
      expect(verifyReceipt(back)).toEqual({ equal: true, recomputed: receipt.z, differences: [] });
    }
  });

  it('gives the deviation score of its anomaly again', () => {
    for (const { event, receipt } of made) {
      expect(deviationScoreOf(receipt)).toBeCloseTo(event.finding.score, 6);
    }
  });

  it.each(['value', 'mean', 'stddev', 'z', 'threshold', 'sigma', 'window_seconds'] as const)(
    'with another %s is refused',
    (field) => {
      for (const { receipt } of made) {
        expect(verifyReceipt({ ...receipt, [field]: receipt[field] * 1.5 + 1 }).equal).toBe(false);
      }
    },
  );

  it.each([
    ['n', -1],
    ['n', 12.5],
    ['events', 3.5],
    ['severity', 'P4'],
    ['score', 2],
    ['sensitivity', 'high'],
    ['time_zone', 'Mars/Olympus'],
    ['slot', 'Sun 03h'],
    ['slot', '04:55'],
  ] as const)('with %s %s is refused', (field, value) => {
    for (const { receipt } of made) expect(verifyReceipt({ ...receipt, [field]: value }).equal).toBe(false);
  });

  it('names the stretches that people have taken out of what was learnt', () => {
    const { finding, evidence } = withFinding();
    const excluded = [{ from: START, to: START + 300 }];
    expect(buildReceipt(finding, { ...evidence, excluded }, SOURCE).excluded).toEqual(excluded);
  });

  it('of another engine says so', () => {
    expect(verifyReceipt({ ...made[0].receipt, engine: '0.0.1' }).differences[0]).toContain('engine is 0.0.1');
  });
});
