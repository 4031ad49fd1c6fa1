import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JsonFile } from './json-file.ts';
import { DEFAULT_SETTINGS, SettingsSchema } from './settings.ts';

describe('a JSON file', () => {
  let folder: string;
  const open = () => new JsonFile(join(folder, 'deep', 'settings.json'), SettingsSchema, DEFAULT_SETTINGS);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'json-file-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('gives the fallback while there is none, and then what was written', async () => {
    expect(await open().read()).toEqual(DEFAULT_SETTINGS);
    const window = { x: 1, y: 2, width: 1000, height: 700, maximised: false };
    await open().write({ ...DEFAULT_SETTINGS, window });
    expect(await open().read()).toEqual({ ...DEFAULT_SETTINGS, window });
  });

  it('is readable by its owner alone', async () => {
    await open().write(DEFAULT_SETTINGS);
    expect((await stat(join(folder, 'deep', 'settings.json'))).mode & 0o777).toBe(0o600);
  });

  it.each(['', '{"version":1', '{"version":2,"window":null}', '[]'])(
    'sets %j aside instead of losing it',
    async (text) => {
      await open().write(DEFAULT_SETTINGS);
      const path = join(folder, 'deep', 'settings.json');
      await writeFile(path, text);
      expect(await open().read()).toEqual(DEFAULT_SETTINGS);
      expect(await readFile(`${path}.damaged`, 'utf8')).toBe(text);
    },
  );

  it('holds the last of many writes at once, and nothing half done', async () => {
    const file = open();
    const writes = Array.from({ length: 20 }, (_, x) =>
      file.write({ ...DEFAULT_SETTINGS, window: { x, y: 0, width: 1000, height: 700, maximised: false } }),
    );
    await Promise.all(writes);
    expect((await file.read()).window?.x).toBe(19);
    expect(await readdir(join(folder, 'deep'))).toEqual(['settings.json']);
  });
});
