/** 96 bits: two starts of any agents anywhere do not draw the same. */
const START_BYTES = 12;

/**
 * Texts that never come again, for requests and batches: what this start has drawn, and a count. Every event that is sent
 * alone takes one with it into the journal, where a count after the same letters packs to a byte or two and a UUID to
 * sixteen or more.
 * @param entropy that many random bytes
 */
export function idSequence(entropy: (bytes: number) => Uint8Array): () => string {
  const start = Buffer.from(entropy(START_BYTES)).toString('base64url');
  let count = 0;
  return () => `${start}-${count++}`;
}
