import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyPool } from './body-pool.ts';
import { BodySink } from './body-sink.ts';

const MEGABYTE = 1024 * 1024;
const pool = (maxInUseBytes = 8 * MEGABYTE) => new BodyPool({ maxInUseBytes, maxFreeBytes: MEGABYTE });

describe('BodySink', () => {
  it('puts chunks of any size together, and gives every buffer back', () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 90_000 }), { maxLength: 8 });
    fc.assert(
      fc.property(chunks, fc.boolean(), (parts, isKnown) => {
        const bodies = pool();
        const whole = Buffer.concat(parts);
        const sink = new BodySink(bodies, MEGABYTE, isKnown ? whole.length : 0);
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
    const sink = new BodySink(pool(0), MEGABYTE, chunk.length);
    sink.add(chunk);
    expect(sink.finish().bytes).toBe(chunk);
  });

  it('stops at the limit, and when all bodies together hold too much', () => {
    const sink = new BodySink(pool(), 100, 0);
    expect(sink.add(Buffer.alloc(60))).toBe('taken');
    expect(sink.add(Buffer.alloc(41))).toBe('too_large');
    sink.abandon();
    const bodies = pool(100_000);
    const crowded = new BodySink(bodies, MEGABYTE, 0);
    expect(crowded.add(Buffer.alloc(10))).toBe('taken');
    expect(crowded.add(Buffer.alloc(10))).toBe('taken');
    expect(crowded.add(Buffer.alloc(90_000))).toBe('overloaded');
    crowded.abandon();
    expect(bodies.inUseBytes).toBe(0);
  });
});
