import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJournal } from './journal.ts';
import { aJournalOptions } from './testing/journal-options.ts';
import { aRecord, CONTENTS } from './testing/records.ts';
import { ThreadedWriter } from './threaded-writer.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-thread-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('the journal with its writer on a thread of its own', () => {
  it('acknowledges small and large records in order while groups overtake nothing', async () => {
    const options = aJournalOptions({ dir, segmentBytes: 1 << 20, maxBytes: 1 << 30, maxPendingBytes: 1 << 30 });
    const journal = await openJournal(options);
    const sent: string[] = [];
    const ends: number[] = [];
    await Promise.all(
      Array.from({ length: 200 }, (_, n) => {
        // Some larger than a group, some than the size that makes a group leave at once.
        const body = Buffer.alloc(n % 50 === 0 ? 3 << 20 : n % 3 === 0 ? 200_000 : 200, `${n} `);
        sent.push(`b${n}`);
        return new Promise<void>((resolve, reject) => {
          const onDurable = (endLsn: number): void => {
            ends.push(endLsn);
            resolve();
          };
          journal.append(aRecord({ batchId: `b${n}`, body }), CONTENTS, onDurable, reject);
        });
      }),
    );
    expect(ends).toEqual(ends.toSorted((a, b) => a - b));
    expect(journal.pendingBytes).toBe(0);
    await journal.close();

    const reopened = await openJournal(options);
    const found: string[] = [];
    for await (const { record } of reopened.read(0)) found.push(record.batchId);
    expect(found).toEqual(sent);
    await reopened.close();
  });

  it('says so when its thread has died, to whoever waits and to whoever comes later', async () => {
    const settings = { dir, segmentBytes: 1 << 20, key: undefined, endLsn: 0 };
    const writer = new ThreadedWriter(settings);
    expect(await writer.open()).toMatchObject({ type: 'committed' });
    const facts = { records: 1, newestReceivedAtMs: 0, oldestEventMs: 0, newestEventMs: 0, sources: [] };
    const memory = new SharedArrayBuffer(16);
    // A mistake of ours, as the thread sees it: more bytes than there are.
    const broken = writer.commit(memory, [{ ...facts, from: 0, to: 17 }]);
    const waiting = writer.commit(memory, [{ ...facts, from: 0, to: 16 }]);
    await expect(broken).rejects.toThrow('Invalid typed array length');
    await Promise.allSettled([waiting]);
    await expect(writer.commit(memory, [])).rejects.toThrow('Invalid typed array length');
    await writer.close();
  });
});
