import { createCipheriv, createDecipheriv } from 'node:crypto';

/** Version byte, nonce, tag, then the sealed text. */
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const SECRET_KEY_BYTES = 32;

/** Seals secrets for the database (AES-256-GCM). What belongs to one channel cannot be opened as another's. */
export class SecretBox {
  readonly #key: Uint8Array;
  readonly #randomBytes: (length: number) => Uint8Array;

  constructor(key: Uint8Array, randomBytes: (length: number) => Uint8Array) {
    if (key.length !== SECRET_KEY_BYTES) throw new RangeError(`the key has ${key.length} bytes, not 32`);
    this.#key = key;
    this.#randomBytes = randomBytes;
  }

  seal(secrets: Readonly<Record<string, string>>, owner: string): Uint8Array {
    const nonce = this.#randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(owner));
    const sealed = Buffer.concat([cipher.update(JSON.stringify(secrets), 'utf8'), cipher.final()]);
    return Buffer.concat([Uint8Array.of(VERSION), nonce, cipher.getAuthTag(), sealed]);
  }

  /** null: sealed under another key, or damaged. */
  open(sealed: Uint8Array, owner: string): Readonly<Record<string, string>> | null {
    if (sealed[0] !== VERSION || sealed.length < 1 + NONCE_BYTES + TAG_BYTES) return null;
    const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
    const tag = sealed.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(owner)).setAuthTag(tag);
    const start = decipher.update(sealed.subarray(1 + NONCE_BYTES + TAG_BYTES));
    try {
      const text = Buffer.concat([start, decipher.final()]).toString('utf8');
      return JSON.parse(text) as Record<string, string>;
    } catch (error) {
      if (error instanceof Error) return null;
      throw error;
    }
  }
}
