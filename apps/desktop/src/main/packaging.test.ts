import { readFileSync } from 'node:fs';
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
