import type { IngestRecord } from '../../pipeline/ingest-record.ts';
import type { RecordContents } from '../../pipeline/record-contents.ts';

/** As if a scan had seen one source within two seconds. */
export const CONTENTS: RecordContents = {
  oldestMs: 1_767_225_600_000,
  newestMs: 1_767_225_601_000,
  sourceHashes: [1],
};

/** A small record of payment-service; override what the test is about. */
export function aRecord(overrides: Partial<IngestRecord> = {}): IngestRecord {
  return {
    receivedAtMs: 1_767_225_600_000,
    tenant: 'default',
    keyId: 'k3yId001',
    pinnedService: null,
    batchId: 'batch-1',
    format: 'json',
    accepted: 1,
    rejected: 0,
    body: Buffer.from('{"service":"payment-service","level":"ERROR","message":"pool exhausted: 50/50 in use"}'),
    ...overrides,
  };
}
