import type { Embedding } from '@sentinellog/detector';

/** Plug-ins that the setting `clusters.embedding` may name; none ships. Add a file and a line. */
const EMBEDDINGS: readonly Embedding[] = [];

/** The one that is set; null where none is. Throws where there is none of that name. */
export function embeddingNamed(name: string | null, embeddings = EMBEDDINGS): Embedding | null {
  if (name === null) return null;
  const found = embeddings.find((one) => one.name === name);
  if (found !== undefined) return found;
  const known = embeddings.map((one) => one.name).join(', ') || 'none is built in';
  throw new Error(`clusters.embedding: there is no embedding "${name}" (${known}); leave the setting out`);
}
