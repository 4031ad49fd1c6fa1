import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LineQuery } from './explain/explainer.ts';
import type { RangeLine } from './explain/line-tally.ts';
import { findBlocks, type JournalView } from './journal/journal-view.ts';
import { decodeRecords } from './journal/record-format.ts';
import { sourceHash } from './pipeline/record-contents.ts';
import { recordLines } from './tally/range-lines.ts';
import { ScanShelf } from './tally/scans.ts';

/** What is given of one record at most: many records say more of a range than all lines of a few. */
const LINES_A_RECORD = 200;
/** Blocks are opened one by one on the main thread; a larger one is left to the search, which has threads of its own. */
const MAX_BLOCK_BYTES = 8 * 1024 * 1024;
/** Bytes of a line with its fields, as senders' average: to know how many lines a record has before reading it. */
const USUAL_LINE_BYTES = 190;

export interface ExplainLinesParts {
  readonly journal: { view(): JournalView };
  readonly sources: {
    list(): readonly { readonly source_id: string; readonly tenant: string; readonly service: string }[];
  };
  /** A block that could not be read; the rest is read on. */
  readonly onDamage: (reason: string) => void;
}

/**
 * Lines of the journal in a range: a sample spread evenly over its blocks, until `mostBytes` of log text have been read.
 * Between two blocks everybody else has a turn.
 */
export function explainLines({ journal, sources, onDamage }: ExplainLinesParts) {
  return async function* lines({ fromMs, toMs, sourceIds, mostBytes }: LineQuery): AsyncGenerator<RangeLine> {
    const wanted = new Set(sourceIds);
    const asked = sources.list().filter(({ source_id }) => wanted.has(source_id));
    const idOf = new Map(asked.map(({ source_id, tenant, service }) => [`${tenant}\0${service}`, source_id]));
    const hashes = asked.map(({ tenant, service }) => sourceHash(tenant, service));
    const wish = { fromMs, toMs: toMs - 1, sources: hashes, order: 'oldest' } as const;
    const view = journal.view();
    const scans = new ScanShelf();
    let bytes = 0;
    for await (const { head } of findBlocks(view, wish)) bytes += Math.min(head.rawBytes, MAX_BLOCK_BYTES);
    // Blocks in equal steps of bytes, so that a busy minute is not all that is seen.
    const step = Math.max(1, bytes / mostBytes);
    let passed = 0;
    let taken = 0;
    for await (const block of findBlocks(view, wish)) {
      if (block.head.rawBytes > MAX_BLOCK_BYTES) continue;
      passed += block.head.rawBytes;
      if (taken * step >= passed) continue;
      taken += block.head.rawBytes;
      const opened = await block.open();
      if (opened.type === 'damaged') {
        onDamage(opened.reason);
        continue;
      }
      for (const record of decodeRecords(opened.raw)) {
        const every = Math.max(1, Math.floor(record.body.length / USUAL_LINE_BYTES / LINES_A_RECORD));
        for (const { service, ...line } of recordLines(scans, record, { fromMs, toMs, every: step > 1 ? every : 1 })) {
          const source_id = idOf.get(`${record.tenant}\0${service}`);
          if (source_id !== undefined) yield { ...line, source_id };
        }
      }
      await nextTurn();
    }
  };
}
