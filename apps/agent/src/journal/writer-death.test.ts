import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { BlockPlan } from './group.ts';
import { openJournal } from './journal.ts';
import type { WriterSettings } from './segment-writer.ts';
import { aJournalOptions } from './testing/journal-options.ts';
import { aRecord, CONTENTS } from './testing/records.ts';

const deaths = vi.hoisted(() => ({ atCommit: 0, writers: 0 }));
// Stands for a thread that dies after it has written and before it could say so: the worst moment.
vi.mock('./threaded-writer.ts', async () => {
  const { SegmentWriter } = await import('./segment-writer.ts');
  const { nodeJournalFiles } = await import('./journal-files.ts');
  class MortalWriter extends SegmentWriter {
    #commits = 0;
    constructor(settings: WriterSettings) {
      super(settings, nodeJournalFiles, randomBytes);
      deaths.writers++;
    }

    override async commit(memory: SharedArrayBuffer, blocks: readonly BlockPlan[]) {
      const result = await super.commit(memory, blocks);
      if (deaths.writers === 1 && ++this.#commits === deaths.atCommit) throw new Error('the thread ran out of memory');
      return result;
    }
  }
  return { ThreadedWriter: MortalWriter };
});

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-death-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

it('a writer that dies: what it had is refused and never comes back, the next record gets a new writer', async () => {
  deaths.atCommit = 2;
  const journal = await openJournal(aJournalOptions({ dir }));
  const append = (batchId: string): Promise<number> =>
    new Promise((resolve, reject) => {
      journal.append(aRecord({ batchId }), CONTENTS, resolve, reject);
    });
  await append('before');
  await expect(append('lost')).rejects.toMatchObject({ code: 'storage_unavailable' });
  await append('after');
  await journal.close();
  const reopened = await openJournal(aJournalOptions({ dir }));
  const found: string[] = [];
  for await (const { record } of reopened.read(0)) found.push(record.batchId);
  await reopened.close();
  expect(found).toEqual(['before', 'after']);
});
