import { describe, expect, it } from 'vitest';
import { openJournal } from './journal.ts';
import { journalKey, type KeyRing } from './key-ring.ts';
import { rewrapDataKeys } from './rewrap.ts';
import { aJournalOptions, KEYS } from './testing/journal-options.ts';
import { MemoryDisk } from './testing/memory-disk.ts';
import { aRecord, CONTENTS } from './testing/records.ts';

const ROTATED: KeyRing = [journalKey(Buffer.alloc(32, 9)), ...KEYS];

async function filled(disk: MemoryDisk, count: number, from = 0) {
  const journal = await openJournal(aJournalOptions({ files: disk }));
  for (let n = from; n < from + count; n++) {
    await new Promise((resolve, reject) => {
      journal.append(aRecord({ batchId: `b${n}` }), CONTENTS, resolve, reject);
    });
  }
  return journal;
}

async function batchIds(disk: MemoryDisk, keys: KeyRing): Promise<string[]> {
  const journal = await openJournal(aJournalOptions({ files: disk, keys }));
  const ids: string[] = [];
  for await (const { record } of journal.read(0)) ids.push(record.batchId);
  await journal.close();
  return ids;
}

describe('rotation of the journal key', () => {
  it('makes everything readable with the new key alone, while the journal is written to', async () => {
    const disk = new MemoryDisk();
    const journal = await filled(disk, 60);
    const segments = disk.segments.length;
    expect(await rewrapDataKeys('journal', ROTATED, disk)).toEqual({ rewrapped: segments, alreadyCurrent: 0 });
    expect(await rewrapDataKeys('journal', ROTATED, disk)).toEqual({ rewrapped: 0, alreadyCurrent: segments });
    await new Promise((resolve, reject) => {
      journal.append(aRecord({ batchId: 'meanwhile' }), CONTENTS, resolve, reject);
    });
    await journal.close();
    expect(await batchIds(disk, [ROTATED[0]])).toEqual([...Array.from({ length: 60 }, (_, n) => `b${n}`), 'meanwhile']);
    await expect(batchIds(disk, KEYS)).rejects.toThrow(ROTATED[0].id);
  });

  it('can be cut off anywhere: every segment opens with one key or the other, and the next run finishes', async () => {
    const whole = new MemoryDisk();
    await (await filled(whole, 30)).close();
    const writes = 2 * whole.segments.length;
    for (let failing = 0; failing < writes; failing++) {
      for (const torn of [0, 0.4, 1]) {
        const disk = whole.afterPowerCut(() => 1);
        disk.tearWrite(failing, torn);
        await expect(rewrapDataKeys('journal', ROTATED, disk)).rejects.toThrow('EIO');
        expect(await batchIds(disk, ROTATED)).toHaveLength(30);
        await rewrapDataKeys('journal', ROTATED, disk);
        expect(await batchIds(disk, [ROTATED[0]])).toHaveLength(30);
      }
    }
  });
});
