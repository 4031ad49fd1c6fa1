import type { SafeStorage } from 'electron';

/** Seals access tokens with a key that only this user's key store gives out. */
export interface TokenCipher {
  /** `null` when tokens can be kept; else why not, as a sentence for a person. */
  readonly unavailable: string | null;
  seal(token: string): Promise<Buffer>;
  /** `reseal` asks for the token to be sealed again: the system has changed its key. */
  unseal(sealed: Buffer): Promise<{ readonly token: string; readonly reseal: boolean }>;
}

/** The parts of Electron's `safeStorage` that are used; its synchronous twins are deprecated. */
type KeyStore = Pick<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'getSelectedStorageBackend' | 'encryptStringAsync' | 'decryptStringAsync'
>;

/** Call after the app is ready: before, no backend is chosen. */
export async function createTokenCipher(store: KeyStore, platform: NodeJS.Platform): Promise<TokenCipher> {
  return {
    unavailable: await whyUnavailable(store, platform),
    seal: (token) => store.encryptStringAsync(token),
    async unseal(sealed) {
      const { result, shouldReEncrypt } = await store.decryptStringAsync(sealed);
      return { token: result, reseal: shouldReEncrypt };
    },
  };
}

async function whyUnavailable(store: KeyStore, platform: NodeJS.Platform): Promise<string | null> {
  // `basic_text` seals with a password that is the same in every Electron app: as good as plain text.
  const backend = platform === 'linux' ? store.getSelectedStorageBackend() : null;
  if (backend === 'basic_text' || backend === 'unknown' || !(await store.isAsyncEncryptionAvailable())) {
    return 'This system has no key store (GNOME Keyring, KWallet, Keychain, DPAPI), so access tokens are forgotten when the console closes';
  }
  return null;
}
