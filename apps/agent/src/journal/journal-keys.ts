import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { nodeJournalFiles } from './journal-files.ts';
import { JournalKeyError, journalKey, type KeyRing, parseKeyRing } from './key-ring.ts';
import { firstBytesOf, segmentsIn } from './recover.ts';
import { decodeHeader, SEGMENT_HEADER_BYTES, segmentName } from './segment-format.ts';
import { keysFromVault } from './vault-key.ts';

/** Where the keys came from; `generated` lies beside what it protects. */
export type KeyOrigin = 'vault' | 'environment' | 'file' | 'generated';

export interface JournalKeys {
  readonly ring: KeyRing;
  readonly origin: KeyOrigin;
  /** True when this start has made the key. */
  readonly isNew: boolean;
}

type KeySettings = Pick<Config, 'dataDir' | 'journal'>;

export function journalDirOf(dataDir: string): string {
  return join(dataDir, 'journal');
}

/** The file that the keys are in, where they are in a file. */
export function keyFileOf({ dataDir, journal }: KeySettings): string | undefined {
  if (journal.vault !== undefined || journal.key !== undefined) return undefined;
  return journal.keyFile ?? join(dataDir, 'journal.key');
}

/**
 * The journal's keys from wherever the configuration says; a key of its own is made where it says nothing and nothing
 * is encrypted yet. Undefined: encryption is off and there is no key for what may be encrypted from before.
 * Throws JournalKeyError; log text is never written in the clear because a key is missing.
 */
export async function resolveJournalKeys(settings: KeySettings): Promise<JournalKeys | undefined> {
  const { journal, dataDir } = settings;
  if (journal.vault !== undefined) return { ring: await keysFromVault(journal.vault), origin: 'vault', isNew: false };
  if (journal.key !== undefined) {
    return { ring: parseKeyRing(journal.key, 'journal.key'), origin: 'environment', isNew: false };
  }
  const file = journal.keyFile ?? join(dataDir, 'journal.key');
  const origin = journal.keyFile === undefined ? 'generated' : 'file';
  if (existsSync(file)) return { ring: parseKeyRing(readKeyFile(file), file), origin, isNew: false };
  if (origin === 'file') throw new JournalKeyError(`journal.keyFile ${file} does not exist`);
  if (journal.encryption === 'off') return undefined;
  const keyId = await someKeyIdIn(journalDirOf(dataDir));
  if (keyId !== undefined) {
    throw new JournalKeyError(
      `${file} is missing and the journal is encrypted with key ${keyId}: put the key back, or move the folder ` +
        `${journalDirOf(dataDir)} away to begin without what it holds`,
    );
  }
  const ring: KeyRing = [journalKey(randomBytes(32))];
  writeKeyFile(file, ring);
  return { ring, origin, isNew: true };
}

/** Replaces the file in one step, readable by its owner alone: a crash leaves the old keys or the new ones. */
export function writeKeyFile(file: string, ring: KeyRing): void {
  const text = ring.map(({ bytes }) => Buffer.from(bytes).toString('base64')).join('\n');
  const fresh = `${file}.new`;
  const fd = openSync(fresh, 'w', 0o600);
  try {
    writeSync(fd, `${text}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(fresh, file);
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new JournalKeyError(`${file} cannot be read (${code})`, { cause: error });
  }
}

/** The key that some segment needs; undefined when nothing is encrypted. */
async function someKeyIdIn(dir: string): Promise<string | undefined> {
  if (!existsSync(dir)) return undefined;
  for (const firstLsn of await segmentsIn(nodeJournalFiles, dir)) {
    const bytes = await firstBytesOf(nodeJournalFiles, join(dir, segmentName(firstLsn)), SEGMENT_HEADER_BYTES);
    const header = decodeHeader(bytes, firstLsn);
    if (header.type === 'encrypted') return header.keyId;
  }
  return undefined;
}
