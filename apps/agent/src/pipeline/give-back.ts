/** For less it is not worth the call. */
const LEAST_BYTES = 16 * 1024;

/**
 * Frees a buffer's memory now instead of at the next collection. V8 answers some tens of megabytes outside of its heap
 * with a collection of the whole of it: reading the journal, a mebibyte a block, spent two thirds of its CPU time on
 * those, on this thread and on V8's own (a search of 1 GB: 3.3 s of CPU, then 1.1 s). Until then they lie about: under
 * load the agent held 150 MB more, and every buffer came from memory that no cache knew (page faults per thousand
 * events: 12, then 1).
 * @param buffer nobody else has a view of its memory; every view of it is empty from now on
 */
export function giveBack({ buffer, byteLength }: Buffer): void {
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < LEAST_BYTES) return;
  // Node's pool, which small ones share with others, is as large as Buffer.poolSize, and none of them is all of it.
  if (byteLength === buffer.byteLength || buffer.byteLength > Buffer.poolSize) buffer.transfer(0);
}
