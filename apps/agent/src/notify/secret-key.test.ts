import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSecretKey } from './secret-key.ts';

describe('the key of channel secrets', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'sentinellog-key-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it('is made once, for its owner alone', () => {
    const first = readSecretKey({ dataDir, file: undefined, randomBytes });
    expect(readSecretKey({ dataDir, file: undefined, randomBytes })).toEqual(first);
    expect(first).toHaveLength(32);
    expect(statSync(join(dataDir, 'notify.key')).mode & 0o777).toBe(0o600);
  });

  it('comes raw or in base64 from a file', () => {
    const key = randomBytes(32);
    const file = join(dataDir, 'key');
    for (const content of [key, `${key.toString('base64')}\n`]) {
      writeFileSync(file, content);
      expect(Buffer.from(readSecretKey({ dataDir, file, randomBytes }))).toEqual(key);
    }
  });

  it('is never guessed: a file without a key stops the start', () => {
    const file = join(dataDir, 'key');
    expect(() => readSecretKey({ dataDir, file, randomBytes })).toThrow('cannot be read (ENOENT)');
    writeFileSync(file, 'hunter2');
    expect(() => readSecretKey({ dataDir, file, randomBytes })).toThrow('holds no key');
  });
});
