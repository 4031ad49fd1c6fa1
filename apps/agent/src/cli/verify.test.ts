import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildReceipt, SourceWatch } from '@sentinellog/detector';
import { EIGHT_SERVICES, Traffic } from '@sentinellog/detector/testing';
import { type Anomaly, severityOf } from '@sentinellog/shared';
import { anAnomaly } from '@sentinellog/shared/testing';
import { Command } from 'commander';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ReceiptSeal } from '../receipt-seal.ts';
import { register } from './verify.ts';

const START = Date.UTC(2026, 2, 2) / 1000;
const MESSAGE = 'connection pool exhausted: 50/50 in use';
const seal = new ReceiptSeal('01996f00-0000-7000-8000-0000000000ff', Buffer.alloc(32, 7));

/** As an agent would store it. */
function storedAnomaly(): Anomaly {
  const traffic = new Traffic(EIGHT_SERVICES[0], {
    seed: 1,
    reference: START,
    disturbances: [{ from: START + 3600, to: START + 3700, volume: 5 }],
  });
  const watch = new SourceWatch({ sensitivity: 'medium', timeZone: 'UTC' });
  for (let second = START; ; second++) {
    for (const event of watch.observe(second, traffic.frame(second))) {
      if (event.type !== 'opened') continue;
      const { source_id, service, ...rest } = anAnomaly();
      const made = buildReceipt(event.finding, event.evidence, { sourceId: source_id, service });
      const sample_hashes = [createHash('sha256').update(MESSAGE).digest('hex')];
      const receipt = seal.seal({ ...made, sample_hashes });
      const { score } = event.finding;
      return {
        ...rest,
        source_id,
        service,
        receipt,
        deviation_score: score,
        severity: severityOf(score),
        observed: receipt.value,
        expected: receipt.mean,
        raw_data_sample: [{ at_ms: second * 1000, level: 'error', message: MESSAGE }],
      };
    }
  }
}

describe('sentinellog verify', () => {
  const anomaly = storedAnomaly();
  let folder: string;
  let printed: string;

  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'verify-'))));
  afterAll(() => rm(folder, { recursive: true }));
  beforeEach(() => {
    printed = '';
    process.exitCode = undefined;
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => (printed += String(text)).length > 0);
  });

  async function verify(content: unknown, ...options: readonly string[]): Promise<boolean> {
    const file = join(folder, 'receipt.json');
    await writeFile(file, JSON.stringify(content));
    const program = new Command('sentinellog').exitOverride();
    register(program);
    await program.parseAsync(['verify', file, ...options], { from: 'user' });
    const failed = process.exitCode === 1;
    process.exitCode = undefined;
    vi.restoreAllMocks();
    return !failed;
  }

  it('says equal of what an agent made, as a receipt and as an anomaly, and names who signed it', async () => {
    expect(await verify(anomaly.receipt, '--key', seal.publicKey)).toBe(true);
    expect(printed).toMatch(/^equal: .*\n {2}signed by agent 01996f00/);
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => (printed += String(text)).length > 0);
    expect(await verify(anomaly)).toBe(true);
  });

  it.each([
    ['severity', { severity: 'P4' }],
    ['deviation score', { deviation_score: 99 }],
    ['observed value', { observed: 1 }],
    ['service', { service: 'another' }],
    ['sample line', { raw_data_sample: [{ at_ms: 1, level: 'error', message: 'all is well' }] }],
  ] as const)('refuses an anomaly with another %s than its receipt has', async (_what, altered) => {
    expect(await verify({ ...anomaly, ...altered })).toBe(false);
    expect(printed).toContain('NOT EQUAL');
  });

  it('refuses a receipt with an altered, an added or no field, and one signed by another agent', async () => {
    expect(await verify({ ...anomaly.receipt, service: 'another' })).toBe(false);
    await expect(verify({ ...anomaly.receipt, note: 'fine' })).rejects.toThrow('is not a receipt');
    const { signature: _signature, ...unsigned } = anomaly.receipt;
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    expect(await verify(unsigned)).toBe(false);
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const other = new ReceiptSeal('x', Buffer.alloc(32, 8));
    expect(await verify(anomaly.receipt, '--key', other.publicKey)).toBe(false);
  });
});
