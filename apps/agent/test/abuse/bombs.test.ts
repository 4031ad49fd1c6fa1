/** Reliability A5 and A6: bodies that grow, beside a sender who means well. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import zlib from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Front, FRONT_KEY, startFront } from '../front/front.ts';

const MIB = 1024 * 1024;
/** The limit after decompression is 64 MiB. */
const BOMB = Buffer.alloc(256 * MIB);
const GOOD = `${JSON.stringify({ service: 'good', level: 'INFO', message: 'm' })}\n`.repeat(100);

let dir: string;
let front: Front;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'bombs-'));
  front = await startFront({ dir, now: Date.now });
});
afterEach(async () => {
  await front.close();
  rmSync(dir, { recursive: true });
});

async function post(body: Uint8Array | string, encoding = 'identity'): Promise<number> {
  const headers = { 'x-sentinel-key': FRONT_KEY, 'content-encoding': encoding };
  const bytes = new Uint8Array(Buffer.from(body));
  const response = await fetch(`${front.url}/v1/ingest`, { method: 'POST', body: bytes, headers });
  await response.arrayBuffer();
  return response.status;
}

const gzipped = zlib.gzipSync(BOMB);
const members = Buffer.concat(Array.from({ length: 80 }, () => zlib.gzipSync(Buffer.alloc(MIB))));

describe('a body that explodes', () => {
  it.each([
    ['gzip', 'gzip', gzipped, 413],
    ['deflate', 'deflate', zlib.deflateSync(BOMB), 413],
    ['zstd', 'zstd', zlib.zstdCompressSync(BOMB), 413],
    ['gzip in many members, each of them small', 'gzip', members, 413],
    ['gzip in gzip, said so', 'gzip, gzip', zlib.gzipSync(gzipped), 415],
    ['gzip in gzip, not said so', 'gzip', zlib.gzipSync(gzipped), 400],
    ['gzip cut off', 'gzip', gzipped.subarray(0, 1000), 400],
    ['gzip of nothing but a header', 'gzip', gzipped.subarray(0, 10), 400],
    ['zstd cut off', 'zstd', zlib.zstdCompressSync(Buffer.from(GOOD)).subarray(0, 40), 400],
    ['brotli, which is not taken', 'br', zlib.brotliCompressSync(Buffer.from(GOOD)), 415],
    ['what is no gzip', 'gzip', Buffer.from(GOOD), 400],
  ])('is refused: %s', async (_, encoding, body, status) => {
    expect(await post(body, encoding)).toBe(status);
    expect(front.tally.counters['accepted'] ?? 0).toBe(0);
  });

  it('is no matter for a good sender, and holds no memory afterwards, fifty at a time', async () => {
    const rssBefore = process.memoryUsage.rss();
    const bombing = { isOver: false };
    const bombs = Promise.all(
      Array.from({ length: 50 }, async (_, number) => post(gzipped, number % 2 === 0 ? 'gzip' : 'gzip, gzip')),
    ).finally(() => {
      bombing.isOver = true;
    });
    const good: number[] = [];
    while (!bombing.isOver || good.length < 5) good.push(await post(GOOD));
    const refused = await bombs;
    // Where all the room for bodies is taken, a bomb hears 503 instead.
    expect(refused.every((status) => [413, 415, 503].includes(status))).toBe(true);
    expect(good.every((status) => status === 202)).toBe(true);
    expect(front.tally.counters).toMatchObject({ accepted: good.length * 100 });
    expect((process.memoryUsage.rss() - rssBefore) / MIB).toBeLessThan(400);
    expect(await post(GOOD)).toBe(202);
  });
});
