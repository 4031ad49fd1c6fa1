import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import type { Corruption } from '../journal.ts';
import { openJournal } from '../journal.ts';
import { headsOf } from '../journal-view.ts';
import { SEGMENT_HEADER_BYTES } from '../segment-format.ts';
import { aJournalOptions } from './journal-options.ts';
import { MemoryDisk } from './memory-disk.ts';
import { aRecord, CONTENTS } from './records.ts';

/** Of what zstd cannot make smaller, so that a segment has the size that is asked for. */
const BODY_BYTES = 12_000;

const HEADER_COPIES = [
  { from: 0, to: 96 },
  { from: 4096, to: 4192 },
];

interface Block {
  readonly batchId: string;
  readonly from: number;
  readonly to: number;
}

/** One change to the bytes of a segment, as disks and people make them. */
const MUTATION = fc.oneof(
  fc.record({ type: fc.constant('bit' as const), at: fc.nat(), bit: fc.nat(7) }),
  fc.record({ type: fc.constant('byte' as const), at: fc.nat(), value: fc.nat(255) }),
  fc.record({ type: fc.constant('zeros' as const), at: fc.nat(), length: fc.integer({ min: 1, max: 4096 }) }),
  fc.record({
    type: fc.constant('moved' as const),
    at: fc.nat(),
    from: fc.nat(),
    length: fc.integer({ min: 1, max: 20_000 }),
  }),
  fc.record({ type: fc.constant('cut' as const), at: fc.nat() }),
);

/**
 * F4: mutates a sealed segment again and again and reads it. Rejects when the journal throws, when a record whose bytes
 * are untouched does not come back, or when bytes of a block have changed and nobody was told.
 */
export async function mutateSegment(options: {
  readonly mutations: number;
  readonly segmentBytes: number;
  readonly seed?: number;
  readonly onProgress?: (done: number) => void;
}) {
  const { clean, name, next, blocks } = await segmentOf(options.segmentBytes);
  const counts = { mutations: 0, damaged: 0, recovered: 0 };
  await fc.assert(
    fc.asyncProperty(MUTATION, async (mutation) => {
      const bytes = mutated(clean, mutation);
      const isIntact = ({ from, to }: { from: number; to: number }): boolean =>
        bytes.subarray(from, to).equals(clean.subarray(from, to));
      // The data key is gone when both copies of the header are: then nothing can come back, which must be said.
      const intact = HEADER_COPIES.some(isIntact) ? blocks.filter(isIntact) : [];
      const corruptions: Corruption[] = [];
      const disk = MemoryDisk.holding({ [name]: bytes, ...next });
      const onCorruption = (corruption: Corruption): unknown => corruptions.push(corruption);
      const journal = await openJournal(aJournalOptions({ files: disk, segmentBytes: 1 << 30, onCorruption }));
      const found: string[] = [];
      for await (const { record } of journal.read(0)) found.push(record.batchId);
      await journal.close();
      const expected = [...intact.map(({ batchId }) => batchId), 'behind'];
      if (found.join() !== expected.join()) throw new Error(`expected ${expected.join()}, read ${found.join()}`);
      const touched = blocks.filter(({ from, to }) => to <= bytes.length || from < bytes.length).length - intact.length;
      if (touched > 0 && corruptions.length === 0)
        throw new Error(`${touched} blocks are damaged and none is reported`);
      counts.mutations++;
      counts.damaged += blocks.length - intact.length > 0 ? 1 : 0;
      counts.recovered += intact.length;
      options.onProgress?.(counts.mutations);
    }),
    { numRuns: options.mutations, ...(options.seed === undefined ? {} : { seed: options.seed }) },
  );
  return counts;
}

function mutated(
  clean: Buffer,
  mutation: typeof MUTATION extends fc.Arbitrary<infer Mutation> ? Mutation : never,
): Buffer {
  const bytes = Buffer.from(clean);
  const at = mutation.at % clean.length;
  switch (mutation.type) {
    case 'bit':
      bytes[at] ^= 1 << mutation.bit;
      break;
    case 'byte':
      bytes[at] = mutation.value;
      break;
    case 'zeros':
      bytes.fill(0, at, Math.min(bytes.length, at + mutation.length));
      break;
    case 'moved': {
      const from = mutation.from % clean.length;
      clean.copy(bytes, at, from, from + mutation.length);
      break;
    }
    case 'cut':
      return bytes.subarray(0, at);
  }
  return bytes;
}

/** A sealed segment of about this size, one block a record, and the one behind it. */
async function segmentOf(segmentBytes: number) {
  const disk = new MemoryDisk();
  const options = aJournalOptions({ files: disk, segmentBytes: 1 << 30 });
  const journal = await openJournal(options);
  const count = Math.max(2, Math.floor(segmentBytes / BODY_BYTES));
  for (let n = 0; n < count; n++) {
    await new Promise((resolve, reject) => {
      journal.append(aRecord({ batchId: `b${n}`, body: randomBytes(BODY_BYTES) }), CONTENTS, resolve, reject);
    });
  }
  await journal.close();
  const second = await openJournal(options);
  await new Promise((resolve, reject) => {
    second.append(aRecord({ batchId: 'behind' }), CONTENTS, resolve, reject);
  });
  await second.close();
  const [name, behind] = disk.segments;
  const clean = disk.files.get(name)?.data ?? Buffer.alloc(0);
  const segment = { firstLsn: 0, headerBytes: SEGMENT_HEADER_BYTES, goodBytes: clean.length, dataKey: undefined };
  const heads = await headsOf(disk, '', segment);
  const blocks: Block[] = heads.map(({ lsn, headBytes, payloadBytes }, at) => {
    return { batchId: `b${at}`, from: lsn, to: lsn + headBytes + payloadBytes };
  });
  return { clean, name, next: { [behind]: disk.files.get(behind)?.data ?? Buffer.alloc(0) }, blocks };
}
