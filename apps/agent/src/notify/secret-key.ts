import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../config/config.ts';
import { SECRET_KEY_BYTES } from './secret-box.ts';

const FILE = 'notify.key';

export interface SecretKeyPlace {
  readonly dataDir: string;
  /** `notify.secretKeyFile`; it has to exist. */
  readonly file: string | undefined;
  readonly randomBytes: (length: number) => Uint8Array;
}

/** The key that channel secrets are sealed with: of the named file, else of the data folder, where the first start makes it. */
export function readSecretKey({ dataDir, file, randomBytes }: SecretKeyPlace): Uint8Array {
  if (file !== undefined) return keyOf(contentOf(file), file);
  const own = join(dataDir, FILE);
  try {
    // Never over an existing one: that would lock every secret away.
    writeFileSync(own, `${Buffer.from(randomBytes(SECRET_KEY_BYTES)).toString('base64')}\n`, {
      flag: 'wx',
      mode: 0o600,
    });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return keyOf(readFileSync(own), own);
}

function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw refusal(file, `cannot be read (${reason}); check the path`, error);
  }
}

function keyOf(content: Buffer, file: string): Uint8Array {
  if (content.length === SECRET_KEY_BYTES) return content;
  const decoded = Buffer.from(content.toString('latin1').trim(), 'base64');
  if (decoded.length === SECRET_KEY_BYTES) return decoded;
  throw refusal(file, 'holds no key: expected 32 bytes, raw or in base64 (openssl rand -base64 32)');
}

function refusal(file: string, what: string, cause?: unknown): ConfigError {
  return new ConfigError([{ origin: `file ${file}`, path: 'notify.secretKeyFile', what }], { cause });
}
