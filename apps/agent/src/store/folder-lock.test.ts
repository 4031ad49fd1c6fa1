import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFolder } from './folder-lock.ts';
import { OtherProcess } from './testing/other-process.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sentinellog-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('lock of a data folder', () => {
  it('refuses a second agent, also in the same process, until the first lets go', () => {
    const first = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(`${folder} is in use by another agent (process ${process.pid})`);
    first.release();
    lockFolder(folder).release();
  });

  it('is held against another process, and goes with it when that is killed', async () => {
    const other = await OtherProcess.start(new URL('testing/hold-folder-lock.ts', import.meta.url), folder);
    expect(() => lockFolder(folder)).toThrow('is in use by another agent');
    await other.kill();
    lockFolder(folder).release();
  });

  it('says when the folder cannot be written', () => {
    expect(() => lockFolder(join(folder, 'absent'))).toThrow('absent cannot be locked; check that it is writable');
  });
});
