import { crc32 } from 'node:zlib';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 8;
/** 43 digits hold 256 bits: 62^43 > 2^256. */
const SECRET_LENGTH = 43;
/** 62^6 > 2^32. */
const CHECKSUM_LENGTH = 6;

/** `slk` for an ingest key, `slt` for an access token: secret scanners know them by it. */
export type CredentialPrefix = 'slk' | 'slt';

/** The one time that a credential is whole. Only its id may be logged. */
export interface NewCredential {
  readonly id: string;
  readonly text: string;
}

/** @param entropy at least 38 bytes: 6 for the id, 32 for the secret */
export function makeCredential(prefix: CredentialPrefix, entropy: Uint8Array): NewCredential {
  if (entropy.length < 38) throw new RangeError(`a credential needs 38 bytes of entropy, got ${entropy.length}`);
  // One bit is dropped, as 62^8 lies between 2^47 and 2^48.
  const id = base62(Uint8Array.of(entropy[0] & 0x7f, ...entropy.subarray(1, 6)), ID_LENGTH);
  const body = `${prefix}_${id}_${base62(entropy.subarray(6, 38), SECRET_LENGTH)}`;
  return { id, text: body + checksumOf(body) };
}

const FORMAT = new RegExp(`^(slk|slt)_([0-9A-Za-z]{${ID_LENGTH}})_[0-9A-Za-z]{${SECRET_LENGTH + CHECKSUM_LENGTH}}$`);

/** The id of a well-formed credential of this kind. undefined for anything mistyped: the checksum needs no look-up. */
export function credentialId(prefix: CredentialPrefix, text: string): string | undefined {
  const match = FORMAT.exec(text);
  if (match?.[1] !== prefix) return undefined;
  return text.endsWith(checksumOf(text.slice(0, -CHECKSUM_LENGTH))) ? match[2] : undefined;
}

/** One that was made before. Throws when the text is none of this kind; the text itself is not repeated. */
export function existingCredential(prefix: CredentialPrefix, text: string): NewCredential {
  const id = credentialId(prefix, text);
  if (id === undefined) throw new Error(`expected a credential that starts with ${prefix}_ and has a valid checksum`);
  return { id, text };
}

function checksumOf(body: string): string {
  const crc = crc32(body);
  return base62(Uint8Array.of(crc >>> 24, crc >>> 16, crc >>> 8, crc), CHECKSUM_LENGTH);
}

/** Big-endian bytes as a number in base 62, padded. */
function base62(bytes: Uint8Array, length: number): string {
  let rest = bytes.reduce((value, byte) => value * 256n + BigInt(byte), 0n);
  let text = '';
  for (; rest > 0n; rest /= 62n) text = DIGITS[Number(rest % 62n)] + text;
  return text.padStart(length, '0');
}
