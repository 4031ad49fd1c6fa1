import { expect, it } from 'vitest';
import { idSequence } from './id-sequence.ts';

it('ids are never given twice, neither by one start of the agent nor by two, and fit into a header', () => {
  const starts = [1, 2].map((seed) => idSequence((bytes) => new Uint8Array(bytes).fill(seed)));
  const ids = starts.flatMap((next) => Array.from({ length: 1000 }, next));
  expect(new Set(ids).size).toBe(2000);
  for (const id of ids) expect(id).toMatch(/^[\w-]{18,30}$/);
});
