import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { JournalKeyError, type KeyRing, parseKeyRing } from './key-ring.ts';

/** A start waits no longer than this for Vault. */
const TIMEOUT_MS = 10_000;
/** A secret of a few keys is some hundred bytes. */
const MAX_ANSWER_BYTES = 64 * 1024;

export interface VaultSettings {
  /** `https://vault.example.com:8200` */
  readonly url: string;
  /** Path of the secret as `vault kv get` takes it, mount first: `secret/sentinellog`. */
  readonly path: string;
  /** Field of the secret that holds the keys. */
  readonly field: string;
  /** File with the token: what the Vault Agent or the CSI driver writes. */
  readonly tokenFile: string;
  readonly namespace?: string | undefined;
}

/** What Vault's key-value engine, version 2, answers. */
const SecretSchema = z.object({ data: z.object({ data: z.record(z.string(), z.unknown()) }) });

/**
 * The journal's keys from Vault's key-value engine (version 2). Throws JournalKeyError that says which step failed and
 * never what was answered.
 */
export async function keysFromVault(settings: VaultSettings): Promise<KeyRing> {
  const { url, path, field, tokenFile, namespace } = settings;
  const [mount, ...rest] = path.split('/').filter((part) => part !== '');
  const origin = `Vault at ${url}, secret ${path}`;
  if (mount === undefined || rest.length === 0) {
    throw new JournalKeyError(
      `journal.vault.path ${path}: give the mount and the secret, for instance secret/sentinellog`,
    );
  }
  const address = new URL(`v1/${[mount, 'data', ...rest].map(encodeURIComponent).join('/')}`, withSlash(url));
  let response: Response;
  try {
    response = await fetch(address, {
      headers: {
        'x-vault-token': tokenOf(tokenFile),
        ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
      },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      // The token goes to the configured address and to nobody else.
      redirect: 'error',
    });
  } catch (error) {
    if (error instanceof JournalKeyError) throw error;
    throw new JournalKeyError(`${origin}: no answer (${reasonOf(error)}); is it reachable and unsealed?`, {
      cause: error,
    });
  }
  if (!response.ok) {
    const hint = response.status === 403 ? 'may this token read it?' : 'does it exist, and is Vault unsealed?';
    throw new JournalKeyError(`${origin}: answered ${response.status}; ${hint}`);
  }
  const keys = fieldOf(await response.text(), field);
  if (keys === undefined) throw new JournalKeyError(`${origin} has no text in the field ${field}`);
  return parseKeyRing(keys, `${origin}, field ${field}`);
}

function fieldOf(answer: string, field: string): string | undefined {
  if (answer.length > MAX_ANSWER_BYTES) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(answer);
  } catch {
    return undefined;
  }
  const value = SecretSchema.safeParse(json).data?.data.data[field];
  return typeof value === 'string' ? value : undefined;
}

function tokenOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new JournalKeyError(`journal.vault.tokenFile ${file} cannot be read (${reasonOf(error)})`, { cause: error });
  }
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}

/** Node hides why a fetch failed in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner: unknown = error.cause ?? error;
  return inner instanceof Error && 'code' in inner ? String(inner.code) : error.message;
}
