import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfigSchema } from '../config/config-schema.ts';
import { openJournal } from '../journal/journal.ts';
import { journalDirOf, resolveJournalKeys } from '../journal/journal-keys.ts';
import { aJournalOptions } from '../journal/testing/journal-options.ts';
import { aRecord, CONTENTS } from '../journal/testing/records.ts';
import { register } from './journal.ts';

let dataDir: string;
let printed: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'journal-rotate-'));
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(dataDir, { recursive: true });
});

async function rotate(...options: string[]): Promise<void> {
  const program = new Command();
  register(program);
  await program.parseAsync(['node', 'sentinellog', 'journal', 'keys', 'rotate', `--data-dir=${dataDir}`, ...options]);
}

const keysInFile = () => readFileSync(join(dataDir, 'journal.key'), 'utf8').trim().split('\n').length;

async function journal() {
  const keys = await resolveJournalKeys(ConfigSchema.parse({ dataDir }));
  return openJournal(aJournalOptions({ dir: journalDirOf(dataDir), keys: keys?.ring }));
}

async function batchIds(): Promise<string[]> {
  const opened = await journal();
  const ids: string[] = [];
  for await (const { record } of opened.read(0)) ids.push(record.batchId);
  await opened.close();
  return ids;
}

describe('sentinellog journal keys rotate', () => {
  it('wraps everything with a new key, and forgets the old one only when told to', async () => {
    const running = await journal();
    for (const batchId of ['a', 'b']) {
      await new Promise((resolve, reject) => {
        running.append(aRecord({ batchId }), CONTENTS, resolve, reject);
      });
    }
    await rotate();
    expect(printed).toMatch(/^journal key [0-9a-f]{16} is current; 1 segments rewrapped, 0 were already\n$/);
    expect(keysInFile()).toBe(2);
    await running.close();
    expect(await batchIds()).toEqual(['a', 'b']);
    await rotate('--drop-old');
    expect(keysInFile()).toBe(1);
    expect(await batchIds()).toEqual(['a', 'b']);
  });

  it('does not drop a key that a running agent still uses', async () => {
    await (await journal()).close();
    writeFileSync(join(dataDir, 'agent.json'), JSON.stringify({ url: 'http://127.0.0.1:1', pid: process.pid }));
    await expect(rotate('--drop-old')).rejects.toThrow('stop it before --drop-old');
    await rotate();
    expect(keysInFile()).toBe(2);
  });
});
