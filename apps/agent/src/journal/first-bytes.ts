import { setImmediate as nextTurn } from 'node:timers/promises';
import type { IngestRecord } from '../pipeline/ingest-record.ts';

/** Whoever looks through a megabyte of single events takes tens of milliseconds; this much is one or two. */
const TURN_BYTES = 128 * 1024;
/** Opening a record, and its share of a small block, takes as long as looking through so much of one. */
const RECORD_BYTES = 1024;

/**
 * Records until their bodies come to `mostBytes`: for readers that look for something and may not find it. The record
 * that passes the limit is still given. Everybody else has a turn every TURN_BYTES.
 */
export async function* firstBytes<Item extends { readonly record: IngestRecord }>(
  records: AsyncIterable<Item>,
  mostBytes: number,
): AsyncGenerator<Item> {
  let bytes = 0;
  let sinceTurn = 0;
  for await (const item of records) {
    yield item;
    const { length } = item.record.body;
    bytes += length;
    sinceTurn += length + RECORD_BYTES;
    if (bytes >= mostBytes) return;
    if (sinceTurn < TURN_BYTES) continue;
    sinceTurn = 0;
    await nextTurn();
  }
}
