import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyPool } from './body-pool.ts';
import { BodySink } from './body-sink.ts';

const MEGABYTE = 1024 * 1024;
const pool = (maxInUseBytes = 8 * MEGABYTE) => new BodyPool({ maxInUseBytes, maxFreeBytes: MEGABYTE });

/** Lengths of chunks, which are 0 once they have been given back: with the whole body in hand, and after its release. */
function lengthsOf(isSole: boolean, sizes: readonly number[], expected: number) {
  const sink = new BodySink(pool(), MEGABYTE, expected, isSole);
  const chunks = sizes.map((size) => Buffer.allocUnsafeSlow(size));
  for (const chunk of chunks) sink.add(chunk);
  const body = sink.finish();
  const before = chunks.map((chunk) => chunk.length);
  body.release();
  return { before, after: chunks.map((chunk) => chunk.length) };
}

describe('BodySink', () => {
  it('puts chunks of any size together, and gives every buffer back', () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 90_000 }), { maxLength: 8 });
    fc.assert(
      fc.property(chunks, fc.boolean(), fc.boolean(), (parts, isKnown, isSole) => {
        const bodies = pool();
        const whole = Buffer.concat(parts);
        const sink = new BodySink(bodies, MEGABYTE, isKnown ? whole.length : 0, isSole);
        for (const part of parts) expect(sink.add(Buffer.from(part))).toBe('taken');
        const body = sink.finish();
        expect(Buffer.compare(whole, body.bytes)).toBe(0);
        body.release();
        expect(bodies.inUseBytes).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it('hands a single chunk on without a copy', () => {
    const chunk = Buffer.from('{"level":"INFO"}');
    const sink = new BodySink(pool(0), MEGABYTE, chunk.length, true);
    sink.add(chunk);
    expect(sink.finish().bytes).toBe(chunk);
  });

  it('frees chunks that nobody else sees, once they are not needed, and no others', () => {
    expect(lengthsOf(true, [65_536, 65_536, 200], 131_272)).toEqual({ before: [0, 0, 200], after: [0, 0, 200] });
    expect(lengthsOf(true, [65_536, 65_536], 0)).toEqual({ before: [0, 0], after: [0, 0] });
    expect(lengthsOf(true, [65_536], 65_536)).toEqual({ before: [65_536], after: [0] });
    expect(lengthsOf(false, [65_536, 65_536], 0)).toEqual({ before: [65_536, 65_536], after: [65_536, 65_536] });
  });

  it('stops at the limit, and when all bodies together hold too much', () => {
    const sink = new BodySink(pool(), 100, 0, false);
    expect(sink.add(Buffer.alloc(60))).toBe('taken');
    expect(sink.add(Buffer.alloc(41))).toBe('too_large');
    sink.abandon();
    const bodies = pool(100_000);
    const crowded = new BodySink(bodies, MEGABYTE, 0, false);
    expect(crowded.add(Buffer.alloc(10))).toBe('taken');
    expect(crowded.add(Buffer.alloc(10))).toBe('taken');
    expect(crowded.add(Buffer.alloc(90_000))).toBe('overloaded');
    crowded.abandon();
    expect(bodies.inUseBytes).toBe(0);
  });
});
