import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../config/config.ts';
import { journalDirOf, keyFileOf, resolveJournalKeys, writeKeyFile } from '../journal/journal-keys.ts';
import { JournalKeyError, journalKey, type KeyRing } from '../journal/key-ring.ts';
import { rewrapDataKeys } from '../journal/rewrap.ts';
import { CliError } from './cli-error.ts';

const RunFileSchema = z.object({ pid: z.number().int() });

interface RotateOptions {
  readonly config?: string;
  readonly dataDir?: string;
  readonly dropOld?: boolean;
}

export function register(program: Command): void {
  const keys = program
    .command('journal')
    .description('the durable log of everything received')
    .command('keys')
    .description('the keys that the journal is encrypted with');
  keys
    .command('rotate')
    .description('wrap the data keys of all segments with a new journal key; log text is not touched')
    .option('--config <file>', 'YAML configuration file')
    .option('--data-dir <dir>', 'of the agent')
    .option('--drop-old', 'forget the old keys in the key file: only while no agent runs on it')
    .addHelpText(
      'after',
      `
With a key file a new key is made and put first, the old ones stay behind it. With SENTINELLOG_JOURNAL_KEY or Vault put
the new key first yourself and run this. A run after one that was interrupted finishes that
one and makes no further key. A running agent may stay
up: its next segments still have the old key, so restart it and rotate with --drop-old before the old key is destroyed.

Example: sentinellog journal keys rotate --data-dir /var/lib/sentinellog`,
    )
    .action(rotate);
}

async function rotate(options: RotateOptions): Promise<void> {
  const config = loadConfig({ file: options.config, env: process.env, overrides: { dataDir: options.dataDir } });
  try {
    const keys = await resolveJournalKeys(config);
    if (keys === undefined) throw new CliError('journal.encryption is off and there is no key: nothing to rotate');
    const file = keyFileOf(config);
    if (options.dropOld === true) refuseWhileRunning(config.dataDir);
    const dir = journalDirOf(config.dataDir);
    // First what an earlier run, or an agent that still had the old key, has left.
    let { ring } = keys;
    let { rewrapped, alreadyCurrent } = await rewrapDataKeys(dir, ring);
    if (file !== undefined && options.dropOld === true) writeKeyFile(file, [ring[0]]);
    else if (file !== undefined && rewrapped === 0) {
      ring = withNewKey(ring);
      // The new key is safe before the first data key depends on it.
      writeKeyFile(file, ring);
      ({ rewrapped, alreadyCurrent } = await rewrapDataKeys(dir, ring));
    }
    process.stdout.write(
      `journal key ${ring[0].id} is current; ${rewrapped} segments rewrapped, ${alreadyCurrent} were already\n`,
    );
  } catch (error) {
    if (error instanceof JournalKeyError) throw new CliError(error.message, { cause: error });
    throw error;
  }
}

/** A running agent wraps its next segment with the key that it was started with. */
function refuseWhileRunning(dataDir: string): void {
  const file = join(dataDir, 'agent.json');
  if (!existsSync(file)) return;
  const run = RunFileSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!run.success || !isAlive(run.data.pid)) return;
  throw new CliError(`an agent (process ${run.data.pid}) runs on ${dataDir}: stop it before --drop-old`);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is there and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function withNewKey(ring: KeyRing): KeyRing {
  return [journalKey(randomBytes(32)), ...ring];
}
