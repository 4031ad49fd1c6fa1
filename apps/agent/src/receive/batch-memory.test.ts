import { describe, expect, it } from 'vitest';
import type { IngestRecord } from '../pipeline/ingest-record.ts';
import { BatchMemory } from './batch-memory.ts';

const batch = (batchId: string) => ({ accepted: 1000, rejected: 0, batchId, errors: [] });
const memory = (maxBatches = 100) => new BatchMemory({ keepMs: 600_000, maxBatches });

async function* journalled(...records: Pick<IngestRecord, 'batchId' | 'receivedAtMs'>[]) {
  for (const record of records) {
    await Promise.resolve();
    const rest = { tenant: 'a', keyId: 'k', pinnedService: null, format: 'json', accepted: 7, rejected: 2 } as const;
    yield { record: { ...rest, ...record, body: Buffer.alloc(0) } };
  }
}

async function* broken(): AsyncGenerator<{ readonly record: IngestRecord }> {
  yield* journalled({ batchId: 'other', receivedAtMs: 0 });
  throw new Error('the disk is gone');
}

describe('BatchMemory', () => {
  it('remembers a stored batch for ten minutes, for its tenant only', () => {
    const batches = memory();
    batches.start('a', 'b1', 0);
    batches.store('a', batch('b1'), 0);
    expect(batches.recall('a', 'b1', 600_000)).toEqual({ type: 'stored', batch: batch('b1') });
    expect(batches.recall('a', 'b1', 600_001)).toEqual({ type: 'new' });
    expect(batches.recall('b', 'b1', 0)).toEqual({ type: 'new' });
  });

  it('lets a repeat wait for the first, whether that is stored or fails', () => {
    const batches = memory();
    const seen: string[] = [];
    for (const id of ['good', 'bad']) {
      batches.start('a', id, 0);
      expect(batches.recall('a', id, 0)).toEqual({ type: 'running' });
      batches.whenSettled('a', id, () => seen.push(`${id} ${batches.recall('a', id, 0).type}`));
    }
    batches.store('a', batch('good'), 0);
    batches.fail('a', 'bad');
    expect(seen).toEqual(['good stored', 'bad new']);
  });

  it('forgets the oldest when there are too many, and counts that; the expired silently', () => {
    const batches = memory(3);
    for (const [at, id] of ['b0', 'b1', 'b2', 'b3', 'b4'].entries()) {
      batches.start('a', id, at);
      batches.store('a', batch(id), at);
    }
    expect(batches.recall('a', 'b1', 5).type).toBe('new');
    expect(batches.recall('a', 'b2', 5).type).toBe('stored');
    expect(batches.forgottenEarly).toBe(2);
    batches.start('a', 'b5', 10_000_000);
    expect(batches.forgottenEarly).toBe(2);
  });

  it('lets a batch wait until the journal has told whether it was stored before the start', async () => {
    const batches = memory();
    const seen: string[] = [];
    const recalled = batches.recallFrom(
      journalled({ batchId: 'before', receivedAtMs: 0 }, { batchId: 'other', receivedAtMs: 0 }),
      1,
      new AbortController().signal,
    );
    for (const id of ['before', 'fresh']) {
      expect(batches.recall('a', id, 1)).toEqual({ type: 'running' });
      batches.whenSettled('a', id, () => seen.push(`${id} ${batches.recall('a', id, 1).type}`));
    }
    await recalled;
    expect(seen).toEqual(['before stored', 'fresh new']);
  });

  it('lets go whoever waits when the journal cannot be read, or when the agent stops', async () => {
    for (const isStopping of [true, false]) {
      const batches = memory();
      const seen: string[] = [];
      const signal = isStopping ? AbortSignal.abort() : new AbortController().signal;
      const records = isStopping ? journalled({ batchId: 'b', receivedAtMs: 0 }) : broken();
      const recalled = batches.recallFrom(records, 1, signal).catch((error: Error) => seen.push(error.message));
      batches.whenSettled('a', 'b', () => seen.push(batches.recall('a', 'b', 1).type));
      await recalled;
      expect(seen).toEqual(isStopping ? ['new'] : ['new', 'the disk is gone']);
    }
  });

  it('is filled again from the journal', async () => {
    const batches = memory();
    await batches.recallFrom(
      journalled({ batchId: 'old', receivedAtMs: 0 }, { batchId: 'new', receivedAtMs: 700_000 }),
      900_000,
      new AbortController().signal,
    );
    expect(batches.recall('a', 'old', 900_000)).toEqual({ type: 'new' });
    expect(batches.recall('a', 'new', 900_000)).toMatchObject({ type: 'stored', batch: { accepted: 7, rejected: 2 } });
  });
});
