import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { makeCredential } from './credential-text.ts';
import type { KeyRing } from './ingest-keys.ts';
import type { TokenBook } from './tokens.ts';
import { writeOnce } from './write-once.ts';

const CredentialsSchema = z.object({ adminToken: z.string(), ingestKey: z.string() });
const ACTOR = 'first start';

/**
 * On the first start, writes an admin token and an ingest key to `DIR/credentials.json` (mode 0600) and makes them
 * valid. The file comes first: a crash in between leaves a file whose credentials the next start makes valid, never
 * valid ones that nobody has seen. For the same reason the file opens a new, empty database.
 *
 * Does nothing once there is any token: what is removed from the folder or revoked stays gone.
 *
 * @returns true when this was the first start
 */
export async function ensureFirstCredentials(parts: {
  readonly dataDir: string;
  readonly keys: KeyRing;
  readonly tokens: TokenBook;
  readonly entropy: (bytes: number) => Uint8Array;
}): Promise<boolean> {
  const { dataDir, keys, tokens, entropy } = parts;
  if (!tokens.isEmpty) return false;
  const file = join(dataDir, 'credentials.json');
  const adminToken = makeCredential('slt', entropy(38)).text;
  const ingestKey = makeCredential('slk', entropy(38)).text;
  writeOnce(file, `${JSON.stringify({ adminToken, ingestKey })}\n`);
  const written = CredentialsSchema.safeParse(parseJson(readFileSync(file, 'utf8')));
  if (!written.success)
    throw new Error(`${file} is damaged; remove it, and a new pair is made at the next start`, {
      cause: written.error,
    });
  // The token last: it is what tells the next start that all is done.
  if (keys.isEmpty) await keys.adopt(written.data.ingestKey, { name: 'first key', service: null }, ACTOR);
  await tokens.adopt(written.data.adminToken, { name: 'first admin', role: 'admin' }, ACTOR);
  return true;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
