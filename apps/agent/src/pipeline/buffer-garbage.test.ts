import { expect, it } from 'vitest';
import { BufferGarbage, collectGarbage } from './buffer-garbage.ts';

const MEBIBYTE = 1024 * 1024;

it('collects the young generation once for every 32 MB that have gone through', () => {
  const collections: unknown[] = [];
  const garbage = new BufferGarbage({ collect: (options) => collections.push(options) });
  for (let read = 0; read < 100; read++) garbage.add(MEBIBYTE);
  expect(collections).toEqual([{ type: 'minor' }, { type: 'minor' }, { type: 'minor' }]);
});

it('collects the whole heap now and then where buffers outlive the others', () => {
  const collections: unknown[] = [];
  const garbage = new BufferGarbage({ fullEvery: 3, collect: (options) => collections.push(options?.type ?? 'full') });
  for (let read = 0; read < 4; read++) garbage.add(32 * MEBIBYTE);
  expect(collections).toEqual(['minor', 'minor', 'full', 'minor']);
});

it('frees buffers that V8 itself would let lie', async () => {
  collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  const garbage = new BufferGarbage();
  for (let read = 0; read < 4 * 64; read++) garbage.add(Buffer.allocUnsafeSlow(MEBIBYTE / 2).length);
  // A thread of V8's own gives them back.
  await expect.poll(() => process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * MEBIBYTE);
});
