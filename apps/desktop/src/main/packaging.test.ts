import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const builder = readFileSync(new URL('../../../../electron-builder.yml', import.meta.url), 'utf8');
const manifest = z
  .object({ devDependencies: z.record(z.string(), z.string()), dependencies: z.unknown().optional() })
  .parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')));

describe('the installers', () => {
  it('hold the Electron that the console is tested with', () => {
    expect(/^electronVersion: (.*)$/m.exec(builder)?.[1]).toBe(manifest.devDependencies['electron']);
  });

  it('hold bundles alone: a dependency that is not bundled would be missing', () => {
    expect(manifest.dependencies).toBeUndefined();
    expect(builder).toContain('!**/node_modules/**');
  });

  it('find every picture that the configuration names', () => {
    const pictures = [...builder.matchAll(/^ +icon: (.+)$/gm)].map(([, path = '']) => path);
    expect(pictures.length).toBe(3);
    for (const path of pictures) {
      expect(existsSync(new URL(`../../../../resources/${path}`, import.meta.url)), path).toBe(true);
    }
  });

  it('hold what the build writes: every folder that is packed is one that it fills', () => {
    const build = readFileSync(new URL('../../electron.vite.config.ts', import.meta.url), 'utf8');
    const packed = [...builder.matchAll(/^ {2}- (out\/\w+)\/\*\*$/gm)].map(([, folder = '']) => folder);
    const filled = [...build.matchAll(/outDir: '(.+)'/g)].map(([, folder = '']) => folder);
    expect(packed.toSorted()).toEqual(filled.toSorted());
  });

  it.each([
    'runAsNode: false',
    'enableCookieEncryption: true',
    'enableNodeOptionsEnvironmentVariable: false',
    'enableNodeCliInspectArguments: false',
    'enableEmbeddedAsarIntegrityValidation: true',
    'onlyLoadAppFromAsar: true',
    'grantFileProtocolExtraPrivileges: false',
    'hardenedRuntime: true',
  ])('are built with %s (reliability §4, row 9)', (line) => {
    expect(builder).toContain(`  ${line}\n`);
  });
});
