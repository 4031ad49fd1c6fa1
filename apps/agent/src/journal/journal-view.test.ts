import { describe, expect, it } from 'vitest';
import { sourceHash } from '../pipeline/record-contents.ts';
import { openJournal } from './journal.ts';
import { type BlockWish, findBlocks, recordsWithin } from './journal-view.ts';
import { decodeRecords } from './record-format.ts';
import { aJournalOptions } from './testing/journal-options.ts';
import { MemoryDisk } from './testing/memory-disk.ts';
import { aRecord } from './testing/records.ts';

const SERVICES = ['gateway', 'payment-service', 'search-service'];
const START = 1_767_225_600;

/** A hundred blocks, one a second, of three services in turn, over several segments. */
async function filled(disk: MemoryDisk, from = 0) {
  const journal = await openJournal(aJournalOptions({ files: disk }));
  for (let n = from; n < from + 100; n++) {
    const second = START + n;
    const contents = {
      oldestMs: second * 1000,
      newestMs: second * 1000,
      sourceHashes: [sourceHash('default', SERVICES[n % 3])],
    };
    const record = aRecord({ batchId: `b${n}`, receivedAtMs: second * 1000 });
    await new Promise((resolve, reject) => {
      journal.append(record, contents, resolve, reject);
    });
  }
  return journal;
}

async function found(view: Parameters<typeof findBlocks>[0], disk: MemoryDisk, wish: Partial<BlockWish>) {
  const all = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, sources: null, order: 'oldest', ...wish } as const;
  const ids: string[] = [];
  for await (const block of findBlocks(view, all, disk)) {
    const opened = await block.open();
    if (opened.type === 'damaged') ids.push(opened.reason);
    else for (const { batchId } of decodeRecords(opened.raw)) ids.push(batchId);
  }
  return ids;
}

describe('journal view', () => {
  it('finds the blocks of a stretch of time and of sources, oldest or newest first, and opens no others', async () => {
    const disk = new MemoryDisk();
    // A view is sent to another thread.
    const view = structuredClone((await filled(disk)).view());
    expect(view.segments.length).toBeGreaterThan(4);
    expect(await found(view, disk, {})).toHaveLength(100);
    const stretch = { fromMs: (START + 50) * 1000, toMs: (START + 55) * 1000 };
    expect(await found(view, disk, stretch)).toEqual(['b50', 'b51', 'b52', 'b53', 'b54', 'b55']);
    const sources = [sourceHash('default', 'payment-service')];
    expect(await found(view, disk, { ...stretch, sources, order: 'newest' })).toEqual(['b55', 'b52']);
    expect(await found(view, disk, { sources: [sourceHash('other', 'payment-service')] })).toEqual([]);
    expect(disk.openFiles).toBe(1);
  });

  it('reads the segments themselves where their indexes are gone or damaged', async () => {
    const disk = new MemoryDisk();
    const journal = await filled(disk);
    const indexes = [...disk.files.keys()].filter((name) => name.endsWith('.sli'));
    disk.files.delete(indexes[0]);
    disk.files.get(indexes[1])?.data.fill(0xff, 70, 90);
    expect(await found(journal.view(), disk, {})).toHaveLength(100);
  });

  it('makes the index that a crash did not let the writer make, and keeps it over restarts', async () => {
    const disk = new MemoryDisk();
    await filled(disk);
    const crashed = disk.afterPowerCut(() => 1);
    const journal = await filled(crashed, 100);
    expect(await found(journal.view(), crashed, {})).toHaveLength(200);
    const { summary } = journal.view().segments[0];
    expect(summary?.oldestEventMs).toBe(START * 1000);
    expect(new Set(summary?.sources)).toEqual(new Set(SERVICES.map((service) => sourceHash('default', service))));
  });

  it('does not mind a segment that retention deletes while it looks', async () => {
    const disk = new MemoryDisk();
    const journal = await filled(disk);
    const view = journal.view();
    for (const name of disk.segments.slice(0, 2)) disk.files.delete(name);
    const left = await found(view, disk, {});
    expect(left.length).toBeGreaterThan(0);
    expect(left.at(-1)).toBe('b99');
  });

  it('says which block cannot be opened and goes on', async () => {
    const disk = new MemoryDisk();
    const journal = await filled(disk);
    const file = disk.files.get(disk.segments[0]);
    file?.data.writeUInt8(file.data.readUInt8(file.data.length - 1) ^ 1, file.data.length - 1);
    const ids = await found(journal.view(), disk, {});
    expect(ids).toHaveLength(100);
    expect(ids.filter((id) => id === 'the checksum is wrong')).toHaveLength(1);
  });
});

describe('records of a stretch of time', () => {
  it('are found by event time, whenever they came', async () => {
    const disk = new MemoryDisk();
    const journal = await filled(disk);
    const late = { ...aRecord({ batchId: 'late', receivedAtMs: (START + 5000) * 1000 }) };
    const second = START + 50;
    const contents = { oldestMs: second * 1000, newestMs: second * 1000, sourceHashes: [7] };
    await new Promise((resolve, reject) => {
      journal.append(late, contents, resolve, reject);
    });
    const wish = { fromMs: second * 1000, toMs: second * 1000 + 999, sources: null, order: 'oldest' } as const;
    const ids: string[] = [];
    for await (const { record } of recordsWithin(journal.view(), wish, disk)) ids.push(record.batchId);
    expect(ids).toEqual(['b50', 'late']);
  });
});

describe('journal: retention of each source', () => {
  it('keeps a segment until every source in it is over its time', async () => {
    const payments = sourceHash('default', 'payment-service');
    const keepMs = (hash: number) => (hash === payments ? 2_000_000 : 1_000_000);
    const disk = new MemoryDisk();
    await (await filled(disk)).close();
    const retention = { keepMs, longestKeepMs: () => 2_000_000 };
    const journal = await openJournal(aJournalOptions({ files: disk, retention }));
    const newestMs = (START + 99) * 1000;
    expect(journal.keptSinceMs(payments, newestMs)).toBe(newestMs - 2_000_000);
    const count = journal.segmentCount;
    await journal.trim(journal.end, newestMs + 1_000_001);
    expect(journal.segmentCount).toBe(count);
    await journal.trim(journal.end, newestMs + 2_000_001);
    expect(journal.segmentCount).toBe(1);
    expect(disk.files.size).toBe(1);
  });
});
