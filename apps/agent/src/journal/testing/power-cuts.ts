import * as fc from 'fast-check';
import { BLOCK_MARKER } from '../block-format.ts';
import { type Journal, openJournal } from '../journal.ts';
import { aJournalOptions } from './journal-options.ts';
import { MemoryDisk } from './memory-disk.ts';
import { aRecord, CONTENTS } from './records.ts';

/** Small, so that a few records fill a segment. */
const SEGMENT_BYTES = 5000;

const STEP = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('append' as const), count: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('fail' as const),
      at: fc.constantFrom('open' as const, 'writev' as const, 'sync' as const, 'truncate' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('tear' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('cut' as const), keep: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
);

/**
 * The model of a power cut (F3): a disk that keeps what was flushed and any prefix of the rest, under random appends,
 * failing and torn writes and cuts. Rejects with the shortest counter-example: something acknowledged that is not read
 * back in order, something read twice, or a nonce that came twice under one data key.
 */
export async function cutPower({ runs, seed }: { readonly runs: number; readonly seed?: number }) {
  let blocks = 0;
  let acknowledgedInAll = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { maxLength: 25 }), async (steps) => {
      const nonces = new NonceWatch();
      let disk = nonces.watch(new MemoryDisk());
      let journal = await opened(disk);
      const acknowledged: string[] = [];
      let sent = 0;
      for (const step of steps) {
        switch (step.type) {
          case 'fail':
            disk.failNext.set(step.at, 'EIO');
            break;
          case 'tear':
            disk.tearWrite(0, step.share);
            break;
          case 'append': {
            const ids = Array.from({ length: step.count }, () => `b${sent++}`);
            const results = await Promise.allSettled(ids.map((id) => append(journal, id)));
            acknowledged.push(...ids.filter((_, at) => results[at]?.status === 'fulfilled'));
            break;
          }
          case 'cut': {
            // One more is on its way when the power goes.
            const inFlight = append(journal, `b${sent++}`).catch(() => undefined);
            await new Promise((resolve) => setImmediate(resolve));
            disk = nonces.watch(disk.afterPowerCut(() => step.keep));
            await inFlight;
            journal = await opened(disk);
          }
        }
      }
      // The disk is well again when somebody reads.
      disk.failNext.clear();
      const found: string[] = [];
      for await (const { record } of journal.read(0)) found.push(record.batchId);
      const known = new Set(acknowledged);
      const back = found.filter((id) => known.has(id));
      if (back.join() !== acknowledged.join())
        throw new Error(`acknowledged ${acknowledged.join()}, read ${back.join()}`);
      if (new Set(found).size !== found.length) throw new Error(`read twice: ${found.join()}`);
      blocks += nonces.count;
      acknowledgedInAll += acknowledged.length;
    }),
    { numRuns: runs, ...(seed === undefined ? {} : { seed }) },
  );
  return { blocks, acknowledged: acknowledgedInAll };
}

/** A start may meet the failure that a step has prepared; a person would start it again. */
async function opened(disk: MemoryDisk): Promise<Journal> {
  const options = aJournalOptions({ files: disk, segmentBytes: SEGMENT_BYTES });
  for (;;) {
    try {
      return await openJournal(options);
    } catch (error) {
      if (!(error instanceof Error && error.message.includes('EIO'))) throw error;
    }
  }
}

function append(journal: Journal, batchId: string): Promise<number> {
  return new Promise((resolve, reject) => {
    journal.append(aRecord({ batchId }), CONTENTS, resolve, reject);
  });
}

/** Looks at every block on its way to the disk, those of failed and torn writes too. */
class NonceWatch {
  readonly #seen = new Set<string>();

  get count(): number {
    return this.#seen.size;
  }

  watch(disk: MemoryDisk): MemoryDisk {
    const write = disk.writev.bind(disk);
    disk.writev = (fd, buffers, position) => {
      const dataKey = disk.contentOf(fd).toString('hex', 32, 92);
      for (const buffer of buffers) {
        const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, buffer.length);
        if (dataKey === '' || !bytes.subarray(0, BLOCK_MARKER.length).equals(BLOCK_MARKER)) continue;
        const nonce = `${dataKey} ${bytes.readBigUInt64LE(44)}`;
        // What a short write left over is written again as it is: the same bytes are not a second use.
        const use = `${nonce} ${bytes.toString('hex', 0, 44)}`;
        if (this.#seen.has(nonce) && !this.#seen.has(use)) throw new Error(`nonce used twice: ${nonce}`);
        this.#seen.add(nonce).add(use);
      }
      return write(fd, buffers, position);
    };
    return disk;
  }
}
