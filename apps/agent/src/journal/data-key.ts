/**
 * The envelope (reliability: "Encryption at rest"). Each segment has a data key of its own, which lies in its header
 * wrapped by the journal key. A data key numbers its blocks from 0 and is never taken up again after a restart (every
 * start begins a new segment), so no nonce comes twice under one key by construction.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { JournalKey } from './key-ring.ts';

const ALGORITHM = 'aes-256-gcm';
export const TAG_BYTES = 16;
const NONCE_BYTES = 12;
const DATA_KEY_BYTES = 32;
export const WRAPPED_BYTES = NONCE_BYTES + DATA_KEY_BYTES + TAG_BYTES;

/** `randomBytes` of node:crypto, given so that tests can repeat themselves. */
export type RandomBytes = (length: number) => Uint8Array;

/**
 * Nonce, data key and tag, one behind the other. The nonce is random: one journal key wraps some thousand segments,
 * far from the 2^32 that NIST SP 800-38D allows.
 * @param identity what the wrap is bound to: format version and segment
 */
export function wrapDataKey(dataKey: Uint8Array, key: JournalKey, identity: Uint8Array, random: RandomBytes): Buffer {
  const nonce = random(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key.bytes, nonce);
  cipher.setAAD(Buffer.concat([identity, Buffer.from(key.id, 'hex')]));
  return Buffer.concat([nonce, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined when the wrap is not of this key or not of this segment. */
export function unwrapDataKey(wrapped: Uint8Array, key: JournalKey, identity: Uint8Array): Uint8Array | undefined {
  const decipher = createDecipheriv(ALGORITHM, key.bytes, wrapped.subarray(0, NONCE_BYTES));
  decipher.setAAD(Buffer.concat([identity, Buffer.from(key.id, 'hex')]));
  decipher.setAuthTag(wrapped.subarray(NONCE_BYTES + DATA_KEY_BYTES));
  return finished(decipher, wrapped.subarray(NONCE_BYTES, NONCE_BYTES + DATA_KEY_BYTES));
}

export function newDataKey(random: RandomBytes): Uint8Array {
  return random(DATA_KEY_BYTES);
}

/** Cipher text and tag. `sequence` must never come twice under one data key. */
export function encryptBlock(dataKey: Uint8Array, sequence: number, head: Uint8Array, plain: Uint8Array): Buffer[] {
  const cipher = createCipheriv(ALGORITHM, dataKey, nonceOf(sequence));
  cipher.setAAD(head);
  const body = cipher.update(plain);
  cipher.final();
  return [body, cipher.getAuthTag()];
}

/** Undefined when as much as one bit of payload or head is not as it was written. */
export function decryptBlock(
  dataKey: Uint8Array,
  sequence: number,
  head: Uint8Array,
  payload: Uint8Array,
): Buffer | undefined {
  if (payload.length < TAG_BYTES) return undefined;
  const decipher = createDecipheriv(ALGORITHM, dataKey, nonceOf(sequence));
  decipher.setAAD(head);
  decipher.setAuthTag(payload.subarray(payload.length - TAG_BYTES));
  return finished(decipher, payload.subarray(0, payload.length - TAG_BYTES));
}

/** 32 fixed bits, zero, and a 64-bit counter. */
function nonceOf(sequence: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeBigUInt64BE(BigInt(sequence), 4);
  return nonce;
}

function finished(decipher: ReturnType<typeof createDecipheriv>, bytes: Uint8Array): Buffer | undefined {
  const plain = decipher.update(bytes);
  try {
    decipher.final();
    return plain;
  } catch {
    // All that `final` can say here is that the tag does not fit.
    return undefined;
  }
}
