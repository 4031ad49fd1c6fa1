import { expect, it } from 'vitest';
import { embeddingNamed } from './embeddings.ts';

const length = { name: 'length', embed: (text: string) => [text.length] };

it('an embedding is off unless it is set, and one that is not there stops the start', () => {
  expect(embeddingNamed(null)).toBeNull();
  expect(embeddingNamed('length', [length])).toBe(length);
  expect(() => embeddingNamed('word2vec')).toThrow('there is no embedding "word2vec" (none is built in)');
});
