import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { IngestRecord } from '../pipeline/ingest-record.ts';
import { BLOCK_MARKER } from './block-format.ts';
import { roomFor } from './group.ts';
import { type Corruption, type Journal, type JournalOptions, openJournal } from './journal.ts';
import type { JournalRefusal } from './journal-refusal.ts';
import { headsOf } from './journal-view.ts';
import { encodeRecordHead } from './record-format.ts';
import { SEGMENT_HEADER_BYTES } from './segment-format.ts';
import { MemoryDisk } from './testing/memory-disk.ts';
import { aJournalOptions as options, RETENTION_MS } from './testing/journal-options.ts';
import { mutateSegment } from './testing/mutations.ts';
import { cutPower } from './testing/power-cuts.ts';
import { CONTENTS, aRecord } from './testing/records.ts';

const RECEIVED_MS = aRecord().receivedAtMs;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Resolves with the record's end, or rejects with the refusal. */
function appended(journal: Journal, record: IngestRecord): Promise<number> {
  return new Promise((resolve, reject) => {
    journal.append(record, CONTENTS, resolve, reject);
  });
}

async function contents(journal: Journal, from = 0): Promise<{ batchId: string; body: string; endLsn: number }[]> {
  const found = [];
  for await (const { record, endLsn } of journal.read(from)) {
    found.push({ batchId: record.batchId, body: Buffer.from(record.body).toString(), endLsn });
  }
  return found;
}

async function batchIds(journal: Journal, from = 0): Promise<string[]> {
  return (await contents(journal, from)).map(({ batchId }) => batchId);
}

/** Where the blocks of a sealed segment lie in its file. */
async function blocksOf(disk: MemoryDisk, name: string) {
  const firstLsn = Number.parseInt(name, 16);
  const goodBytes = disk.files.get(name)?.data.length ?? 0;
  const heads = await headsOf(disk, '', { firstLsn, headerBytes: SEGMENT_HEADER_BYTES, goodBytes, dataKey: undefined });
  return heads.map(({ lsn, headBytes, payloadBytes }) => {
    const from = lsn - firstLsn;
    return { from, payloadFrom: from + headBytes, to: from + headBytes + payloadBytes };
  });
}

async function filled(disk: MemoryDisk, count: number, overrides: Partial<JournalOptions> = {}): Promise<Journal> {
  const journal = await openJournal(options({ files: disk, ...overrides }));
  for (let i = 0; i < count; i++) await appended(journal, aRecord({ batchId: `b${i}` }));
  return journal;
}

describe('journal on a real disk', () => {
  it('gives back what was written, after a restart too', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'journal-'));
    folders.push(dir);
    const record = aRecord({
      tenant: 'münchen',
      pinnedService: 'käse',
      rejected: 3,
      body: Buffer.alloc(100_000, 'x'),
    });
    const first = await openJournal(options({ dir }));
    await Promise.all([appended(first, record), appended(first, aRecord({ batchId: 'small' }))]);
    await first.close();
    const second = await openJournal(options({ dir }));
    const found = [];
    for await (const item of second.read(0)) found.push({ ...item.record, body: Buffer.from(item.record.body) });
    expect(found).toEqual([record, aRecord({ batchId: 'small' })]);
    expect(second.end).toBe(first.end);
    await second.close();
  });
});

describe('journal: group commit', () => {
  it('flushes records of one moment together and acknowledges them in order', async () => {
    const disk = new MemoryDisk();
    const journal = await openJournal(options({ files: disk }));
    disk.calls.length = 0;
    const ends = await Promise.all(['a', 'b', 'c'].map((batchId) => appended(journal, aRecord({ batchId }))));
    expect(disk.calls).toEqual(['writev', 'sync']);
    expect(ends).toEqual(ends.toSorted((a, b) => a - b));
    expect(ends[2]).toBe(journal.end);
  });

  it('acknowledges nothing before its flush', async () => {
    const disk = new MemoryDisk();
    const journal = await openJournal(options({ files: disk }));
    disk.calls.length = 0;
    await appended(journal, aRecord());
    expect(disk.calls.at(-1)).toBe('sync');
  });

  it('begins to read between two records of one block', async () => {
    const journal = await openJournal(options({ files: new MemoryDisk() }));
    const ends = await Promise.all(['a', 'b', 'c'].map((batchId) => appended(journal, aRecord({ batchId }))));
    expect(await batchIds(journal, ends[0])).toEqual(['b', 'c']);
    expect(await batchIds(journal, ends[1])).toEqual(['c']);
    expect(await batchIds(journal, ends[2])).toEqual([]);
  });

  it('makes a new segment durable by name before it acknowledges anything in it', async () => {
    const disk = new MemoryDisk();
    const journal = await filled(disk, 60);
    expect(disk.segments.length).toBeGreaterThan(2);
    expect(await batchIds(journal)).toHaveLength(60);
    await journal.close();
    expect(disk.openFiles).toBe(0);
  });

  it('refuses more than may wait for the disk', async () => {
    const journal = await openJournal(options({ files: new MemoryDisk(), maxPendingBytes: 100 }));
    const first = appended(journal, aRecord());
    await expect(appended(journal, aRecord())).rejects.toMatchObject({ code: 'overloaded' });
    await first;
    await appended(journal, aRecord());
  });

  it('finds the place in the journal by time', async () => {
    const journal = await openJournal(options({ files: new MemoryDisk() }));
    for (let i = 0; i < 40; i++) await appended(journal, aRecord({ batchId: `b${i}`, receivedAtMs: i * 1000 }));
    expect((await batchIds(journal, await journal.positionAt(35_000))).slice(0, 2)).toEqual(['b35', 'b36']);
    expect(await batchIds(journal, await journal.positionAt(99_000))).toEqual([]);
    const [last] = await contents(journal, await journal.positionAt(0, 400));
    expect(Number(last?.batchId.slice(1))).toBeGreaterThan(36);
  });

  it('refuses records once it is closed, after flushing what it had taken', async () => {
    const disk = new MemoryDisk();
    const journal = await openJournal(options({ files: disk }));
    const taken = appended(journal, aRecord());
    await journal.close();
    await taken;
    await expect(appended(journal, aRecord())).rejects.toMatchObject({ code: 'shutting_down' });
    expect(await batchIds(await openJournal(options({ files: disk })))).toEqual(['batch-1']);
  });
});

describe('journal: retention', () => {
  it('deletes sealed segments above the size cap, and none at or above the checkpoint', async () => {
    const journal = await filled(new MemoryDisk(), 100, { maxBytes: 42_000 });
    const all = await contents(journal);
    await journal.trim(0, 0);
    expect(await batchIds(journal)).toHaveLength(100);
    const checkpoint = all[49]?.endLsn ?? 0;
    await journal.trim(checkpoint, 0);
    const left = await batchIds(journal);
    expect(left.length).toBeLessThan(100);
    expect(left).toEqual(expect.arrayContaining(all.slice(50).map(({ batchId }) => batchId)));
    await journal.trim(journal.end, 0);
    expect(journal.bytes).toBeLessThanOrEqual(42_000);
  });

  it('deletes by age', async () => {
    const journal = await filled(new MemoryDisk(), 60);
    await journal.trim(journal.end, RECEIVED_MS + 86_400_000);
    expect(await batchIds(journal)).toHaveLength(60);
    await journal.trim(journal.end, RECEIVED_MS + 86_400_001);
    expect((await batchIds(journal)).length).toBeLessThan(60);
    expect((await batchIds(journal)).at(-1)).toBe('b59');
  });

  it('refuses when the cap is passed and no checkpoint lets it delete', async () => {
    const journal = await filled(new MemoryDisk(), 20, { maxBytes: 0 });
    for (let i = 0; i < 40; i++) await appended(journal, aRecord()).catch(() => undefined);
    await expect(appended(journal, aRecord())).rejects.toMatchObject({ code: 'disk_full' });
    await journal.trim(journal.end, 0);
    await appended(journal, aRecord());
  });
});

describe('journal: faults', () => {
  it('disk full: cuts off the torn bytes, refuses, and goes on by itself when there is space', async () => {
    const disk = new MemoryDisk();
    let now = 0;
    const journal = await openJournal(options({ files: disk, minFreeBytes: 100, now: () => now }));
    await appended(journal, aRecord({ batchId: 'before' }));
    disk.capacityBytes = 300;
    now += 1000;
    await expect(appended(journal, aRecord({ batchId: 'torn' }))).rejects.toMatchObject({ code: 'disk_full' });
    const [file] = disk.files.values();
    expect(file?.data.length).toBe(journal.end);
    await expect(appended(journal, aRecord())).rejects.toMatchObject({ code: 'disk_full' });

    disk.capacityBytes = Number.POSITIVE_INFINITY;
    now += 1000;
    await expect(appended(journal, aRecord())).rejects.toMatchObject({ code: 'disk_full' });
    await Promise.resolve();
    await appended(journal, aRecord({ batchId: 'after' }));
    expect(await batchIds(journal)).toEqual(['before', 'after']);
  });

  it('failed flush: acknowledges nothing of it, never syncs that file again, goes on in a new segment', async () => {
    const disk = new MemoryDisk();
    const journal = await openJournal(options({ files: disk }));
    await appended(journal, aRecord({ batchId: 'before' }));
    disk.failNext.set('sync', 'EIO');
    const failed = ['x', 'y'].map((batchId) => appended(journal, aRecord({ batchId })));
    for (const result of await Promise.allSettled(failed)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'storage_unavailable' } });
    }
    await appended(journal, aRecord({ batchId: 'after' }));
    expect(disk.segments).toHaveLength(2);
    expect(await batchIds(journal)).toEqual(['before', 'after']);
    await journal.close();
    expect(await batchIds(await openJournal(options({ files: disk })))).toEqual(['before', 'after']);
  });

  it('failed flush: does not bring the refused record back after a restart', async () => {
    const disk = new MemoryDisk();
    const journal = await openJournal(options({ files: disk }));
    await appended(journal, aRecord({ batchId: 'before' }));
    disk.failNext.set('sync', 'EIO');
    await expect(appended(journal, aRecord({ batchId: 'refused' }))).rejects.toBeDefined();
    expect(await batchIds(await openJournal(options({ files: disk })))).toEqual(['before']);
  });

  it('failed flush: does not read what could not even be cut off', async () => {
    const disk = new MemoryDisk();
    const journal = await openJournal(options({ files: disk }));
    await appended(journal, aRecord({ batchId: 'before' }));
    disk.failNext.set('sync', 'EIO').set('truncate', 'EIO');
    await expect(appended(journal, aRecord({ batchId: 'refused' }))).rejects.toBeDefined();
    await appended(journal, aRecord({ batchId: 'after' }));
    expect(await batchIds(journal)).toEqual(['before', 'after']);
    expect(await batchIds(await openJournal(options({ files: disk })))).toEqual(['before', 'after']);
  });

  it('fails what waits behind a failed group, and only once', async () => {
    const disk = new MemoryDisk();
    const journal = await openJournal(options({ files: disk, maxPendingBytes: 64 * 1024 * 1024 }));
    disk.failNext.set('writev', 'EIO');
    const refusals: JournalRefusal[] = [];
    const big = Buffer.alloc(100 * 1024);
    for (let i = 0; i < 3; i++) {
      journal.append(
        aRecord({ body: big }),
        CONTENTS,
        () => expect.unreachable(),
        (refusal) => refusals.push(refusal),
      );
    }
    await journal.close();
    expect(refusals.map(({ code }) => code)).toEqual(Array.from({ length: 3 }, () => 'storage_unavailable'));
    expect(journal.pendingBytes).toBe(0);
  });

  it.each(['open', 'writev', 'sync', 'syncDir'] as const)(
    'survives a failing %s while a segment is made',
    async (at) => {
      const disk = new MemoryDisk();
      const journal = await openJournal(options({ files: disk, segmentBytes: 300 }));
      await appended(journal, aRecord({ batchId: 'before' }));
      disk.failNext.set(at, 'EIO');
      await expect(appended(journal, aRecord({ batchId: 'lost' }))).rejects.toMatchObject({
        code: 'storage_unavailable',
      });
      await appended(journal, aRecord({ batchId: 'after' }));
      await journal.close();
      expect(await batchIds(await openJournal(options({ files: disk })))).toEqual(['before', 'after']);
    },
  );
});

describe('journal: what a start finds', () => {
  it('starts on a full disk, refuses, and takes records as soon as there is room', async () => {
    const disk = new MemoryDisk();
    disk.capacityBytes = 100;
    let now = 0;
    const journal = await openJournal(options({ files: disk, now: () => now }));
    await expect(appended(journal, aRecord())).rejects.toMatchObject({ code: 'disk_full' });
    disk.capacityBytes = Number.POSITIVE_INFINITY;
    now += 1000;
    // Whoever is refused makes it look again.
    await appended(journal, aRecord({ batchId: 'after' })).catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    await appended(journal, aRecord({ batchId: 'after' }));
    expect(new Set(await batchIds(journal))).toEqual(new Set(['after']));
  });

  it('does not start on a disk that cannot be written', async () => {
    const disk = new MemoryDisk();
    disk.failNext.set('sync', 'EIO');
    await expect(openJournal(options({ files: disk }))).rejects.toThrow('cannot be written: EIO');
    expect(disk.openFiles).toBe(0);
  });

  it('leaves no empty segments behind, however often it is started for nothing', async () => {
    const disk = new MemoryDisk();
    await (await filled(disk, 1)).close();
    for (let start = 0; start < 3; start++) await (await openJournal(options({ files: disk }))).close();
    expect(disk.segments).toHaveLength(2);
    expect(await batchIds(await openJournal(options({ files: disk })))).toEqual(['b0']);
  });

  it('asks for a tenth of a small volume at most', async () => {
    const disk = new MemoryDisk();
    disk.capacityBytes = 100_000;
    let now = 0;
    const journal = await openJournal(options({ files: disk, minFreeBytes: 1 << 30, now: () => now }));
    const big = aRecord({ body: Buffer.alloc(20_000, randomBytes(20_000)) });
    for (let n = 0; n < 4; n++) {
      now += 1000;
      await appended(journal, big);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect(appended(journal, big)).rejects.toMatchObject({ code: 'disk_full' });
  });

  it('sets a segment aside whose data key is lost, says so, and goes on behind it', async () => {
    const disk = new MemoryDisk();
    const journal = await filled(disk, 3, { segmentBytes: 100_000 });
    const end = journal.end;
    disk.files.get(disk.segments[0])?.data.fill(0, 0, SEGMENT_HEADER_BYTES);
    const seen: Corruption[] = [];
    const reopened = await openJournal(options({ files: disk, onCorruption: (corruption) => seen.push(corruption) }));
    expect(seen).toMatchObject([{ reason: 'the header of its segment, which held the data key, is damaged' }]);
    const aside = '0000000000000000.slj.corrupt';
    expect([...disk.files.keys()]).toContain(aside);
    await appended(reopened, aRecord({ batchId: 'after' }));
    expect(await batchIds(reopened)).toEqual(['after']);
    expect(reopened.end).toBeGreaterThan(end);
    await reopened.close();
    const later = await openJournal(options({ files: disk, now: () => RETENTION_MS + 1 }));
    expect([...disk.files.keys()]).not.toContain(aside);
    expect(await batchIds(later)).toEqual(['after']);
  });

  it('reads what the version before this one wrote', async () => {
    const disk = MemoryDisk.holding({ '0000000000000000.slj': plainSegment(['b0', 'b1']) });
    const journal = await openJournal(options({ files: disk }));
    await appended(journal, aRecord({ batchId: 'new' }));
    expect(await batchIds(journal)).toEqual(['b0', 'b1', 'new']);
    await journal.close();
    expect(await batchIds(await openJournal(options({ files: disk })))).toEqual(['b0', 'b1', 'new']);
  });
});

/** A segment of format version 1: a header of 24 bytes and blocks of plain records. */
function plainSegment(ids: readonly string[]): Buffer {
  const header = Buffer.alloc(24);
  header.write('SLJOURNL', 'latin1');
  header.writeUInt32LE(1, 8);
  header.writeUInt32LE(crc32(header.subarray(0, 20)), 20);
  const parts = [header];
  let lsn = header.length;
  for (const batchId of ids) {
    const record = aRecord({ batchId });
    const payload = Buffer.alloc(roomFor(record));
    const bodyAt = encodeRecordHead(record, payload, 0);
    payload.set(record.body, bodyAt);
    const used = payload.subarray(0, bodyAt + record.body.length);
    const head = Buffer.alloc(44);
    BLOCK_MARKER.copy(head);
    head.writeBigUInt64LE(BigInt(lsn), 8);
    head.writeUInt32LE(used.length, 16);
    head.writeUInt32LE(1, 20);
    head.writeDoubleLE(record.receivedAtMs, 24);
    head.writeUInt32LE(crc32(used), 36);
    head.writeUInt32LE(crc32(head.subarray(0, 40)), 40);
    parts.push(head, used);
    lsn += head.length + used.length;
  }
  return Buffer.concat(parts);
}

describe('journal: damage', () => {
  it('costs only the damaged block, wherever a bit flips', async () => {
    const disk = new MemoryDisk();
    const whole = await filled(disk, 8, { segmentBytes: 100_000 });
    await whole.close();
    const [name] = disk.segments;
    const clean = Buffer.from(disk.files.get(name)?.data ?? []);
    const blocks = await blocksOf(disk, name);
    for (let bit = 0; bit < clean.length * 8; bit += 31) {
      // Between the two copies of the header lies nothing.
      if (bit >> 3 >= 128 && bit >> 3 < 4096) continue;
      const damaged = Buffer.from(clean);
      damaged[bit >> 3] ^= 1 << (bit & 7);
      const seen: Corruption[] = [];
      const copy = MemoryDisk.holding({ [name]: damaged });
      const journal = await openJournal(options({ files: copy, onCorruption: (corruption) => seen.push(corruption) }));
      const hit = blocks.findIndex(({ from, to }) => bit >> 3 >= from && bit >> 3 < to);
      const expected = Array.from({ length: 8 }, (_, at) => `b${at}`).filter((_, at) => at !== hit);
      expect(await batchIds(journal)).toEqual(expected);
      // One copy of the header is enough. A last head that is damaged cannot be told from a torn tail.
      const isTornTail = hit === 7 && bit >> 3 < blocks[7].payloadFrom;
      expect(seen).toHaveLength(hit >= 0 && !isTornTail ? 1 : 0);
      await journal.close();
    }
  });

  it('cuts off a torn tail of any length and appends behind it', async () => {
    const disk = new MemoryDisk();
    await (await filled(disk, 3, { segmentBytes: 100_000 })).close();
    const [name] = disk.segments;
    const clean = Buffer.from(disk.files.get(name)?.data ?? []);
    for (let length = 0; length < clean.length; length += 31) {
      const copy = MemoryDisk.holding({ [name]: Buffer.from(clean.subarray(0, length)) });
      const journal = await openJournal(options({ files: copy }));
      const before = await batchIds(journal);
      expect(['b0', 'b1', 'b2'].slice(0, before.length)).toEqual(before);
      await appended(journal, aRecord({ batchId: 'after' }));
      expect(await batchIds(journal)).toEqual([...before, 'after']);
      await journal.close();
    }
  });

  it('is not fooled by a log line that quotes a block', async () => {
    const disk = new MemoryDisk();
    const journal = await filled(disk, 1, { segmentBytes: 100_000 });
    const [file] = disk.files.values();
    const block = Buffer.from(file?.data.subarray(SEGMENT_HEADER_BYTES) ?? []);
    await appended(journal, aRecord({ batchId: 'quoting', body: Buffer.concat([block, block]) }));
    await appended(journal, aRecord({ batchId: 'last' }));
    const damaged = [...disk.files.values()][0]?.data;
    if (damaged !== undefined) damaged[SEGMENT_HEADER_BYTES + block.length + 3] ^= 0xff;
    expect(await batchIds(journal)).toEqual(['b0', 'last']);
  });

  it('refuses to touch a segment of a newer version', async () => {
    const disk = new MemoryDisk();
    await (await filled(disk, 1)).close();
    const [file] = disk.files.values();
    file?.data.writeUInt32LE(3, 8);
    file?.data.writeUInt32LE(crc32(file.data.subarray(0, 92)), 92);
    await expect(openJournal(options({ files: disk }))).rejects.toThrow('newer version');
  });

  it('passes over a segment that is missing', async () => {
    const disk = new MemoryDisk();
    const journal = await filled(disk, 100);
    await journal.close();
    disk.files.delete(disk.segments[1]);
    const reopened = await openJournal(options({ files: disk }));
    const left = await batchIds(reopened);
    expect(left[0]).toBe('b0');
    expect(left.at(-1)).toBe('b99');
    expect(left.length).toBeLessThan(100);
  });
});

describe('journal: campaigns, in short (test/journal/campaign.ts runs them long)', () => {
  it('loses nothing that was acknowledged, whatever a power cut leaves, and never uses a nonce twice', async () => {
    const { blocks } = await cutPower({ runs: 200 });
    expect(blocks).toBeGreaterThan(500);
  });

  it('gives back every undamaged record of a mutated segment and reports the damage', async () => {
    const { damaged } = await mutateSegment({ mutations: 60, segmentBytes: 128 * 1024, seed: 7 });
    expect(damaged).toBeGreaterThan(40);
  });
});
