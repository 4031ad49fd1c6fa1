import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openAccess } from './access.ts';
import { makeCredential } from './credential-text.ts';
import type { StoredIngestKey } from './ingest-keys.ts';
import { Pepper } from './pepper.ts';
import { MemoryCredentialStore } from './testing/memory-credential-store.ts';
import type { StoredAccessToken } from './tokens.ts';

const MARIA = { tokenId: 'Ab3dE6gH', name: 'maria', role: 'admin' } as const;
const NOW = 1_767_229_200_000;

let dataDir: string;
let store: {
  ingestKeys: MemoryCredentialStore<StoredIngestKey>;
  accessTokens: MemoryCredentialStore<StoredAccessToken>;
};
let clockMs: number;
let logged: string[];
const log = {
  info: (_fields: object, message: string) => logged.push(message),
  warn: (_fields: object, message: string) => logged.push(message),
  debug: () => undefined,
};

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sentinellog-access-'));
  store = {
    ingestKeys: new MemoryCredentialStore(({ key_id }) => key_id),
    accessTokens: new MemoryCredentialStore(({ token_id }) => token_id),
  };
  clockMs = NOW;
  logged = [];
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const open = (entropy?: (bytes: number) => Uint8Array) =>
  openAccess({ dataDir, ...store, now: () => clockMs, log, ...(entropy && { entropy }) });
const credentials = (): { adminToken: string; ingestKey: string } =>
  JSON.parse(readFileSync(join(dataDir, 'credentials.json'), 'utf8'));

describe('first start', () => {
  it('writes an admin token and an ingest key that only the owner may read', async () => {
    const { keys, tokens } = await open();
    expect(logged).toEqual([expect.stringContaining('first start')]);
    expect(tokens.verify(credentials().adminToken)).toMatchObject({ type: 'ok', role: 'admin' });
    expect(keys.verify(credentials().ingestKey)).toMatchObject({ type: 'ok', tenant: 'default', pinnedService: null });
    for (const file of ['credentials.json', 'pepper']) expect(statSync(join(dataDir, file)).mode & 0o777).toBe(0o600);
  });

  it('happens once: later starts leave the file, also when it was removed', async () => {
    await open();
    const before = credentials();
    logged = [];
    await open();
    expect(credentials()).toEqual(before);
    unlinkSync(join(dataDir, 'credentials.json'));
    const third = await open();
    expect(logged).toEqual([]);
    expect(() => credentials()).toThrow('ENOENT');
    expect(third.tokens.verify(before.adminToken).type).toBe('ok');
  });

  it('goes on after a crash between the file and the database', async () => {
    store.accessTokens.failing = true;
    await expect(open()).rejects.toThrow('database is down');
    const written = credentials();
    store.accessTokens.failing = false;
    const { keys, tokens } = await open();
    expect(credentials()).toEqual(written);
    expect(tokens.verify(written.adminToken).type).toBe('ok');
    expect(keys.verify(written.ingestKey).type).toBe('ok');
    expect(await keys.list()).toHaveLength(1);
  });

  it('says what to do when the file is damaged', async () => {
    writeFileSync(join(dataDir, 'credentials.json'), '{"adminToken":');
    await expect(open()).rejects.toThrow('credentials.json is damaged; remove it');
  });
});

describe('ingest keys', () => {
  it('have the shape that secret scanners look for', async () => {
    const { keys } = await open();
    const { key, key_id } = await keys.create({ name: 'fluent-bit eu', service: null }, MARIA);
    expect(key).toMatch(/^slk_[0-9A-Za-z]{8}_[0-9A-Za-z]{49}$/);
    expect(key.slice(4, 12)).toBe(key_id);
  });

  it('are stored as a keyed hash only', async () => {
    const { keys } = await open();
    const { key } = await keys.create({ name: 'fluent-bit eu', service: null }, MARIA);
    const everything = JSON.stringify(await store.ingestKeys.list());
    expect(everything).not.toContain(key.slice(13));
    expect(store.ingestKeys.audit.at(-1)).toEqual({ action: 'add', actor: 'maria (Ab3dE6gH)', atMs: NOW });
  });

  it('pin what they send to one service when asked to', async () => {
    const { keys } = await open();
    const { key, key_id } = await keys.create({ name: 'legacy', service: 'mainframe' }, MARIA);
    expect(keys.verify(key)).toMatchObject({
      type: 'ok',
      keyId: key_id,
      tenant: 'default',
      pinnedService: 'mainframe',
    });
  });

  it('are valid again after a restart', async () => {
    const { key } = await (await open()).keys.create({ name: 'fluent-bit eu', service: null }, MARIA);
    expect((await open()).keys.verify(key).type).toBe('ok');
  });

  it('are rotated: successor and predecessor both work, until the grace is over or the old one is revoked', async () => {
    const { keys } = await open();
    const limits = { events_per_second: 500, bytes_per_day: null };
    const old = await keys.create({ name: 'fluent-bit eu', service: 'orders', limits }, MARIA);
    const next = await keys.rotate(old.key_id, 3_600_000, MARIA);
    expect(next).toMatchObject({ name: 'fluent-bit eu', service: 'orders', ...limits, revoked_at_ms: null });
    expect(keys.verify(old.key)).toMatchObject({ type: 'ok' });
    clockMs += 3_599_999;
    expect(keys.verify(old.key)).toMatchObject({ type: 'ok' });
    clockMs += 1;
    expect(keys.verify(old.key)).toEqual({ type: 'revoked' });
    expect(keys.verify(next?.key ?? '')).toMatchObject({ type: 'ok', limits });
    expect(await keys.rotate(old.key_id, 0, MARIA)).toBeUndefined();

    const third = await keys.rotate(next?.key_id ?? '', 3_600_000, MARIA);
    expect(await keys.revoke(next?.key_id ?? '', MARIA)).toBe(true);
    expect(keys.verify(next?.key ?? '')).toEqual({ type: 'revoked' });
    expect(keys.verify(third?.key ?? '')).toMatchObject({ type: 'ok' });
  });

  it('are refused, too, when another agent on the same database revokes them', async () => {
    const [here, there] = [await open(), await open()];
    const { key, key_id } = await here.keys.create({ name: 'shared', service: null }, MARIA);
    expect(there.keys.verify(key)).toEqual({ type: 'unknown' });
    await there.followOthers();
    expect(there.keys.verify(key).type).toBe('ok');
    await here.keys.revoke(key_id, MARIA);
    await there.followOthers();
    expect(there.keys.verify(key)).toEqual({ type: 'revoked' });
    store.ingestKeys.failing = true;
    await there.followOthers();
    expect(there.keys.verify(key)).toEqual({ type: 'revoked' });
  });

  it('have limits that can be set and lifted while they are in use', async () => {
    const { keys } = await open();
    const { key, key_id } = await keys.create({ name: 'fluent-bit eu', service: null }, MARIA);
    expect(keys.verify(key)).toMatchObject({ limits: { events_per_second: null, bytes_per_day: null } });
    await keys.limit(key_id, { events_per_second: 100, bytes_per_day: 5e9 }, MARIA);
    expect(keys.verify(key)).toMatchObject({ limits: { events_per_second: 100, bytes_per_day: 5e9 } });
    await keys.limit(key_id, { events_per_second: null }, MARIA);
    expect(keys.verify(key)).toMatchObject({ limits: { events_per_second: null, bytes_per_day: 5e9 } });
    expect(await keys.limit('nosuchid', {}, MARIA)).toBeUndefined();
  });

  it('are refused from the moment that revoking has been answered, also where they were in use', async () => {
    const { keys } = await open();
    const { key, key_id } = await keys.create({ name: 'leaked', service: null }, MARIA);
    expect(keys.verify(key).type).toBe('ok');
    expect(await keys.revoke(key_id, MARIA)).toBe(true);
    expect(keys.verify(key)).toEqual({ type: 'revoked' });
    expect((await open()).keys.verify(key)).toEqual({ type: 'revoked' });
    expect(await keys.revoke('nosuchid', MARIA)).toBe(false);
  });

  it('say that they were revoked only to those who know the whole key', async () => {
    const { keys } = await open((bytes) => new Uint8Array(bytes).fill(7));
    const [{ key_id }] = await keys.list();
    await keys.revoke(key_id, MARIA);
    // As a stranger could make it from the id in a log line: well-formed, with another secret.
    const forged = makeCredential(
      'slk',
      Uint8Array.from({ length: 38 }, (_, i) => (i < 6 ? 7 : 8)),
    );
    expect(forged.id).toBe(key_id);
    expect(keys.verify(forged.text)).toEqual({ type: 'unknown' });
    expect(keys.verify(credentials().ingestKey)).toEqual({ type: 'revoked' });
  });

  it('take a typing error without a look at any stored hash, and an unknown id with one', async () => {
    const { keys } = await open();
    const compared = vi.spyOn(Pepper.prototype, 'matches');
    expect(keys.verify(credentials().ingestKey.replace(/.$/, '_'))).toEqual({ type: 'unknown' });
    expect(compared).toHaveBeenCalledTimes(0);
    expect(keys.verify(makeCredential('slk', randomBytes(38)).text)).toEqual({ type: 'unknown' });
    expect(compared).toHaveBeenCalledTimes(1);
    compared.mockRestore();
  });

  it('are hashed once, not once for every request', async () => {
    const { keys } = await open();
    const compared = vi.spyOn(Pepper.prototype, 'matches');
    for (let request = 0; request < 100; request++) expect(keys.verify(credentials().ingestKey).type).toBe('ok');
    expect(compared).toHaveBeenCalledTimes(1);
    compared.mockRestore();
  });

  it('are not taken as tokens, nor tokens as keys', async () => {
    const { keys, tokens } = await open();
    expect(tokens.verify(credentials().ingestKey)).toEqual({ type: 'unknown' });
    expect(keys.verify(credentials().adminToken)).toEqual({ type: 'unknown' });
  });

  it('remember when they were last used, and try again when that could not be stored', async () => {
    const { keys, saveLastUses } = await open();
    const { key, key_id } = await keys.create({ name: 'fluent-bit eu', service: null }, MARIA);
    clockMs += 60_000;
    keys.verify(key);
    store.ingestKeys.failing = true;
    await saveLastUses();
    expect(logged.at(-1)).toBe('last uses are not stored yet');
    store.ingestKeys.failing = false;
    const used = async () => (await keys.list()).find((one) => one.key_id === key_id)?.last_used_ms;
    expect(await used()).toBe(clockMs);
    await saveLastUses();
    expect(await used()).toBe(clockMs);
    expect((await store.ingestKeys.list()).find((one) => one.key_id === key_id)?.last_used_ms).toBe(clockMs);
  });

  it('outlive the database once they are read', async () => {
    const { keys } = await open();
    store.ingestKeys.failing = true;
    expect(keys.verify(credentials().ingestKey).type).toBe('ok');
  });

  it('of another pepper are counted, not believed', async () => {
    const { key } = await (await open()).keys.create({ name: 'fluent-bit eu', service: null }, MARIA);
    unlinkSync(join(dataDir, 'pepper'));
    logged = [];
    const { keys } = await open();
    expect(logged).toEqual([expect.stringContaining('another DIR/pepper')]);
    expect(keys.verify(key)).toEqual({ type: 'unknown' });
  });
});

describe('access tokens', () => {
  it('carry the name and the role they were made with', async () => {
    const { tokens } = await open();
    const { token, token_id } = await tokens.create({ name: 'noc screen', role: 'viewer' }, MARIA);
    const caller = { tokenId: token_id, name: 'noc screen', role: 'viewer' };
    expect(tokens.verify(token)).toEqual({ type: 'ok', ...caller });
    expect(tokens.current(token_id)).toEqual(caller);
    expect(await tokens.revoke(token_id, MARIA)).toBe(true);
    expect(tokens.verify(token)).toEqual({ type: 'revoked' });
    expect(tokens.current(token_id)).toBeNull();
  });

  it('are listed without their hash', async () => {
    const { tokens } = await open();
    expect(Object.keys((await tokens.list())[0])).toEqual([
      'token_id',
      'name',
      'role',
      'created_at_ms',
      'last_used_ms',
      'revoked_at_ms',
    ]);
  });
});
