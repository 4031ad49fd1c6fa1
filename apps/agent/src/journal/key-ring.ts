import { createHash } from 'node:crypto';

const KEY_BYTES = 32;
const ID_BYTES = 8;

/** A key that encrypts data keys, never log text itself. */
export interface JournalKey {
  /** Says which key it is without saying anything about it: 16 hex digits, stored in every segment. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** The first key wraps new data keys; the others only unwrap old ones. Plain data: it crosses to worker threads. */
export type KeyRing = readonly [JournalKey, ...JournalKey[]];

/** The start is refused: without the right key nothing may be written, and nothing is ever written in the clear instead. */
export class JournalKeyError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'JournalKeyError';
  }
}

export function journalKey(bytes: Uint8Array): JournalKey {
  const digest = createHash('sha256').update('sentinellog journal key\0').update(bytes).digest();
  return { id: digest.toString('hex', 0, ID_BYTES), bytes };
}

/**
 * Keys from text: 32 bytes each in hexadecimal or Base64, separated by spaces, commas or line ends; the first is the
 * current one. Throws JournalKeyError that names the place and never the text.
 */
export function parseKeyRing(text: string, origin: string): KeyRing {
  const keys = text
    .split(/[\s,]+/)
    .filter((word) => word !== '')
    .map((word, at) => journalKey(keyBytes(word, at, origin)));
  const [current, ...older] = keys;
  if (current === undefined) throw new JournalKeyError(`${origin} holds no key; make one: openssl rand -base64 32`);
  return [current, ...older];
}

function keyBytes(word: string, at: number, origin: string): Uint8Array {
  const bytes = Buffer.from(word, /^[0-9a-fA-F]{64}$/.test(word) ? 'hex' : 'base64');
  if (bytes.length === KEY_BYTES) return bytes;
  throw new JournalKeyError(
    `${origin}: key ${at + 1} is not 32 bytes in Base64 or hexadecimal; make one: openssl rand -base64 32`,
  );
}
