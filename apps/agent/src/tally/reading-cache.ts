import type { LineJoiner } from '../pipeline/line-joining.ts';
import { createLineJoiner } from '../pipeline/line-joining.ts';
import { readTextHead, type TextReading } from '../pipeline/text-reading.ts';
import { LineReader } from './line-reader.ts';

/** Readings kept ready: one for each setting of the configuration, and for each sender of UDP while it speaks. */
const MAX_READINGS = 256;

/** What is made of a TextReading once, so that a record costs one look-up. */
export interface ReadyReading {
  readonly reading: TextReading;
  readonly reader: LineReader;
  readonly joiner: LineJoiner;
}

const cache = new Map<string, ReadyReading>();

/** Where the text behind the head begins, and how it is to be read; undefined for a body without a head. */
export function readyReading(body: Uint8Array): { readonly ready: ReadyReading; readonly start: number } | undefined {
  const head = readTextHead(body);
  if (head === undefined) return undefined;
  let ready = cache.get(head.reading);
  if (ready === undefined) {
    // Written by `textHead` from a checked configuration, read back from a journal that is checksummed.
    const reading = JSON.parse(head.reading) as TextReading;
    ready = { reading, reader: new LineReader(reading), joiner: createLineJoiner(reading.join) };
    const [oldest] = cache.keys();
    if (cache.size >= MAX_READINGS && oldest !== undefined) cache.delete(oldest);
    cache.set(head.reading, ready);
  }
  ready.reader.clock.receivedAtMs = head.receivedAtMs;
  ready.joiner.reset();
  return { ready, start: head.start };
}
