import { describe, expect, it } from 'vitest';
import { AgentVault, EMPTY_VAULT, type VaultAgent, type VaultFile } from './agent-vault.ts';
import { createTokenCipher, type TokenCipher } from './token-cipher.ts';

const TOKEN = 'slt_9f2c4b7e1d';
const EU: VaultAgent = { agentId: 'a1', name: 'Europe', code: 'EU', url: 'https://eu.example.com:8400', colour: 0 };

/** A key store that only looks like one; `key` stands for the user whose store it is. */
function cipher({ key = 'anna', unavailable = null as string | null, keyVersion = 1 } = {}): TokenCipher {
  return {
    unavailable,
    seal: async (token) => Buffer.from(`${key}:${keyVersion}:${btoa(token)}`),
    unseal: async (sealed) => {
      const [owner, version, text = ''] = sealed.toString('utf8').split(':');
      if (owner !== key) throw new Error('the key is another one');
      return { token: atob(text), reseal: version !== String(keyVersion) };
    },
  };
}

/** The file as it lies on disk, without a disk. */
class MemoryFile {
  text = JSON.stringify(EMPTY_VAULT);
  writes = 0;
  async read(): Promise<VaultFile> {
    return JSON.parse(this.text);
  }
  async write(value: VaultFile): Promise<void> {
    this.writes++;
    this.text = JSON.stringify(value);
  }
}

describe('the vault', () => {
  it('keeps an agent and its token over a restart, and never the token itself on disk', async () => {
    const file = new MemoryFile();
    await (await AgentVault.open(file, cipher())).put(EU, TOKEN, 'saved');
    expect(file.text).not.toContain(TOKEN);

    const reopened = await AgentVault.open(file, cipher());
    expect(reopened.list()).toEqual([EU]);
    expect(reopened.tokenOf('a1')).toBe(TOKEN);
    expect(reopened.isTokenKept('a1')).toBe(true);
  });

  it('holds the token in memory alone where there is no key store', async () => {
    const file = new MemoryFile();
    const noStore = cipher({ unavailable: 'there is no key store' });
    const vault = await AgentVault.open(file, noStore);
    await vault.put(EU, TOKEN, 'saved');
    expect(vault.tokenOf('a1')).toBe(TOKEN);
    expect(vault.isTokenKept('a1')).toBe(false);
    expect(JSON.parse(file.text)).toEqual({ version: 1, agents: [{ ...EU, sealedToken: null }] });

    const reopened = await AgentVault.open(file, noStore);
    expect(reopened.list()).toEqual([EU]);
    expect(reopened.tokenOf('a1')).toBeNull();
  });

  it('keeps what was sealed while the key store is away for a while', async () => {
    const file = new MemoryFile();
    await (await AgentVault.open(file, cipher())).put(EU, TOKEN, 'saved');
    const locked = await AgentVault.open(file, cipher({ unavailable: 'locked' }));
    expect(locked.tokenOf('a1')).toBeNull();
    await locked.describe('a1', { name: 'Europe West', code: 'EUW' });
    expect((await AgentVault.open(file, cipher())).tokenOf('a1')).toBe(TOKEN);
  });

  it('asks again for a token that another user’s key sealed', async () => {
    const file = new MemoryFile();
    await (await AgentVault.open(file, cipher({ key: 'anna' }))).put(EU, TOKEN, 'saved');
    const other = await AgentVault.open(file, cipher({ key: 'ben' }));
    expect(other.list()).toEqual([EU]);
    expect(other.tokenOf('a1')).toBeNull();
  });

  it('seals anew when the system has changed its key', async () => {
    const file = new MemoryFile();
    await (await AgentVault.open(file, cipher())).put(EU, TOKEN, 'saved');
    const sealedWithOldKey = file.text;
    expect((await AgentVault.open(file, cipher({ keyVersion: 2 }))).tokenOf('a1')).toBe(TOKEN);
    expect(file.text).not.toBe(sealedWithOldKey);
    const writes = file.writes;
    expect((await AgentVault.open(file, cipher({ keyVersion: 2 }))).tokenOf('a1')).toBe(TOKEN);
    expect(file.writes).toBe(writes);
  });

  it('writes nothing of an agent that is there for this session only', async () => {
    const file = new MemoryFile();
    const vault = await AgentVault.open(file, cipher());
    await vault.put(EU, TOKEN, 'session');
    expect(vault.tokenOf('a1')).toBe(TOKEN);
    expect(JSON.parse(file.text)).toEqual(EMPTY_VAULT);
  });

  it('does not lose a saved agent to a session that brings the same one along', async () => {
    const file = new MemoryFile();
    const vault = await AgentVault.open(file, cipher());
    await vault.put(EU, TOKEN, 'saved');
    await vault.put(EU, 'slt_of_this_session', 'session');
    expect((await AgentVault.open(file, cipher())).tokenOf('a1')).toBe('slt_of_this_session');
  });

  it('forgets every token at a sign-out and keeps the agents', async () => {
    const file = new MemoryFile();
    const vault = await AgentVault.open(file, cipher());
    await vault.put(EU, TOKEN, 'saved');
    await vault.forgetTokens();
    expect(vault.list()).toEqual([EU]);
    expect(vault.tokenOf('a1')).toBeNull();
    expect(JSON.parse(file.text)).toEqual({ version: 1, agents: [{ ...EU, sealedToken: null }] });
  });
});

/** Electron's `safeStorage`, as far as the choice of a backend goes. */
function store(backend: 'basic_text' | 'gnome_libsecret' | 'unknown', available: boolean) {
  return {
    getSelectedStorageBackend: () => backend,
    isAsyncEncryptionAvailable: async () => available,
    encryptStringAsync: async (text: string) => Buffer.from(text),
    decryptStringAsync: async (sealed: Buffer) => ({ result: sealed.toString('utf8'), shouldReEncrypt: false }),
  };
}

describe('the token cipher', () => {
  it.each([
    ['basic_text', 'linux', true, false],
    ['unknown', 'linux', true, false],
    ['gnome_libsecret', 'linux', true, true],
    ['gnome_libsecret', 'linux', false, false],
    // Elsewhere there is no choice of backends, only whether there is a key.
    ['basic_text', 'darwin', true, true],
    ['basic_text', 'win32', false, false],
  ] as const)('with %s on %s (key there: %s) keeps tokens: %s', async (backend, platform, available, keeps) => {
    const { unavailable } = await createTokenCipher(store(backend, available), platform);
    expect(unavailable === null).toBe(keeps);
    if (!keeps) expect(unavailable).toContain('no key store');
  });
});
