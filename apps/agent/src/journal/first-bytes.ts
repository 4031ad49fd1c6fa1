import type { IngestRecord } from '../pipeline/ingest-record.ts';

/**
 * Records until their bodies come to `mostBytes`: for readers that look for something and may not find it. The record
 * that passes the limit is still given.
 */
export async function* firstBytes<Item extends { readonly record: IngestRecord }>(
  records: AsyncIterable<Item>,
  mostBytes: number,
): AsyncGenerator<Item> {
  let bytes = 0;
  for await (const item of records) {
    yield item;
    bytes += item.record.body.length;
    if (bytes >= mostBytes) return;
  }
}
