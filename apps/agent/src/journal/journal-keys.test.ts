import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigSchema } from '../config/config-schema.ts';
import { openJournal } from './journal.ts';
import { journalDirOf, resolveJournalKeys } from './journal-keys.ts';
import { journalKey, parseKeyRing } from './key-ring.ts';
import { aJournalOptions } from './testing/journal-options.ts';
import { CONTENTS, aRecord } from './testing/records.ts';

const KEY = Buffer.alloc(32, 5);
let dataDir: string;
let vault: Server | undefined;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'journal-keys-'));
});
afterEach(() => {
  vault?.close();
  vault = undefined;
  rmSync(dataDir, { recursive: true });
});

const settings = (journal: object) => ConfigSchema.parse({ dataDir, journal });

/** Answers like Vault's key-value engine, version 2. */
async function fakeVault(answer: { readonly status: number; readonly body: unknown }) {
  const asked: { path: string; token: unknown }[] = [];
  vault = createServer((request, response) => {
    asked.push({ path: request.url ?? '', token: request.headers['x-vault-token'] });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => {
    vault?.listen(0, '127.0.0.1', resolve);
  });
  const tokenFile = join(dataDir, 'token');
  writeFileSync(tokenFile, 'hvs.secret-token\n');
  const { port } = vault.address() as AddressInfo;
  return { asked, journal: { vault: { url: `http://127.0.0.1:${port}`, path: 'secret/team/sentinellog', tokenFile } } };
}

describe('journal keys', () => {
  it('makes one at the first start, for its owner alone, and finds it at the second', async () => {
    const first = await resolveJournalKeys(settings({}));
    expect(first).toMatchObject({ origin: 'generated', isNew: true });
    expect(statSync(join(dataDir, 'journal.key')).mode & 0o777).toBe(0o600);
    expect(await resolveJournalKeys(settings({}))).toMatchObject({ ring: first?.ring, isNew: false });
  });

  it('takes them from a file, the environment or Vault, the current one first', async () => {
    const text = `${KEY.toString('base64')}\n${Buffer.alloc(32, 6).toString('hex')}\n`;
    const ids = [KEY, Buffer.alloc(32, 6)].map((bytes) => journalKey(bytes).id);
    const keyFile = join(dataDir, 'keys');
    writeFileSync(keyFile, text);
    const fake = await fakeVault({ status: 200, body: { data: { data: { journal_keys: text } } } });
    for (const journal of [{ keyFile }, { key: text }, fake.journal]) {
      expect((await resolveJournalKeys(settings(journal)))?.ring.map(({ id }) => id)).toEqual(ids);
    }
    expect(fake.asked).toEqual([{ path: '/v1/secret/data/team/sentinellog', token: 'hvs.secret-token' }]);
  });

  it('refuses two places at once', () => {
    expect(() => settings({ key: 'a', keyFile: 'b' })).toThrow('exclude each other');
  });

  it.each([
    { status: 403, body: { errors: ['permission denied'] }, says: 'may this token read it' },
    { status: 503, body: { errors: ['sealed'] }, says: 'unsealed' },
    { status: 200, body: { data: { data: { other: 'x' } } }, says: 'no text in the field journal_keys' },
    { status: 200, body: { data: { data: { journal_keys: 'dG9vIHNob3J0' } } }, says: 'key 1 is not 32 bytes' },
    { status: 302, body: {}, says: 'no answer' },
  ])('says what is wrong when Vault answers $status, without what it answered', async ({ status, body, says }) => {
    const { journal } = await fakeVault({ status, body });
    const refusal = resolveJournalKeys(settings(journal));
    await expect(refusal).rejects.toThrow(says);
    await expect(refusal).rejects.not.toThrow(/dG9vIHNob3J0|hvs\.secret/);
  });

  it('refuses a key that is no key, without showing it', () => {
    expect(() => parseKeyRing('hunter2', 'journal.key')).toThrow(/^journal\.key: key 1 is not 32 bytes/);
    expect(() => parseKeyRing(' \n', 'journal.key')).toThrow('holds no key');
  });

  it('does not start with a wrong key, a lost key or none, names the key, and writes nothing in the clear', async () => {
    const dir = journalDirOf(dataDir);
    const keys = await resolveJournalKeys(settings({}));
    const journal = await openJournal(aJournalOptions({ dir, keys: keys?.ring }));
    await new Promise((resolve, reject) => {
      journal.append(aRecord(), CONTENTS, resolve, reject);
    });
    await journal.close();
    const id = keys?.ring[0].id ?? '';
    const wrong = openJournal(aJournalOptions({ dir, keys: [journalKey(KEY)] }));
    await expect(wrong).rejects.toThrow(`encrypted with journal key ${id}`);
    await expect(openJournal(aJournalOptions({ dir, keys: undefined, isEncrypted: false }))).rejects.toThrow(id);
    rmSync(join(dataDir, 'journal.key'));
    await expect(resolveJournalKeys(settings({}))).rejects.toThrow(
      `is missing and the journal is encrypted with key ${id}`,
    );
    expect(await resolveJournalKeys(settings({ encryption: 'off' }))).toBeUndefined();
  });

  it('keeps log text out of the files, and in them when told so', async () => {
    for (const isEncrypted of [true, false]) {
      const dir = join(dataDir, `encrypted-${isEncrypted}`);
      const journal = await openJournal(aJournalOptions({ dir, isEncrypted }));
      // Too short and too random for zstd to change it: without encryption it lies there as it is.
      const body = Buffer.from('{"message":"marker-8d1f6c2ab9"}');
      await new Promise((resolve, reject) => {
        journal.append(aRecord({ body, batchId: 'x' }), CONTENTS, resolve, reject);
      });
      await journal.close();
      const files = readdirSync(dir).map((name) => readFileSync(join(dir, name)));
      expect(files.length).toBeGreaterThan(1);
      expect(files.some((bytes) => bytes.includes('marker-8d1f6c2ab9'))).toBe(!isEncrypted);
    }
  });
});
