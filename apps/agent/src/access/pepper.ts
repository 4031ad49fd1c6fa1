import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeOnce } from './write-once.ts';

const BYTES = 32;

/**
 * The key of the hash under which credentials are stored, so that a copy of the database alone lets nobody in.
 * A fast hash is right: the secrets hold 256 bits, and a slow one would let strangers spend our processor time.
 */
export class Pepper {
  /** Tells which pepper a stored hash was made with, without telling the pepper. */
  readonly id: string;
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    if (key.length !== BYTES) throw new RangeError(`a pepper has ${BYTES} bytes, got ${key.length}`);
    this.#key = key;
    this.id = createHash('sha256').update('sentinellog pepper id').update(key).digest('hex').slice(0, 8);
  }

  /** HMAC-SHA256 of the whole credential, 32 bytes. */
  hash(credential: string): Uint8Array {
    return createHmac('sha256', this.#key).update(credential).digest();
  }

  /** In the same time wherever they differ. */
  matches(credential: string, stored: Uint8Array): boolean {
    const presented = this.hash(credential);
    return stored.length === presented.length && timingSafeEqual(presented, stored);
  }
}

/** `DIR/pepper`, mode 0600, made on the first start. Without it no stored credential can be recognised. */
export function loadPepper(dataDir: string, entropy: (bytes: number) => Uint8Array): Pepper {
  const file = join(dataDir, 'pepper');
  writeOnce(file, `${Buffer.from(entropy(BYTES)).toString('hex')}\n`);
  const text = readFileSync(file, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new Error(`${file} must hold 64 hexadecimal digits; bring it back from a backup`);
  return new Pepper(Buffer.from(text, 'hex'));
}
