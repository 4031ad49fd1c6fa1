/**
 * A plug-in that says in numbers what a text means, for whoever wants a model beside the table of meanings. None ships: a
 * model is a download, and clusters must come out the same everywhere. One is a file and a line (docs/explain.md).
 */
export interface Embedding {
  /** As in the setting. */
  readonly name: string;
  /**
   * The meaning of a template's text as a vector, the same for the same text. All of one length; that of the vector
   * itself does not matter.
   */
  embed(text: string): readonly number[];
}

/** The cosine of the angle between two vectors, 0 where they point away from each other or are of different lengths. */
export function cosineOf(one: readonly number[], other: readonly number[]): number {
  if (one.length !== other.length) return 0;
  let product = 0;
  let ownSquares = 0;
  let otherSquares = 0;
  for (const [i, value] of one.entries()) {
    product += value * other[i];
    ownSquares += value * value;
    otherSquares += other[i] * other[i];
  }
  const lengths = Math.sqrt(ownSquares * otherSquares);
  return lengths === 0 ? 0 : Math.max(0, product / lengths);
}
