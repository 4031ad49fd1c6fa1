import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { ConfigSchema } from '../../src/config/config-schema.ts';
import { settingPaths } from '../../src/config/setting-paths.ts';

const EXAMPLE = fileURLToPath(new URL('../../../../resources/agent.example.yaml', import.meta.url));

describe('the example configuration', () => {
  it('comes to the defaults', () => {
    expect(loadConfig({ file: EXAMPLE, env: {} })).toEqual(loadConfig({ env: {} }));
  });

  it('names every setting but the place of the console’s files', () => {
    const text = readFileSync(EXAMPLE, 'utf8');
    const missing = settingPaths(ConfigSchema).filter(
      ({ path }) => !new RegExp(`^#? *${path.at(-1)}:`, 'm').test(text),
    );
    expect(missing.map(({ path }) => path.join('.'))).toEqual(['console.dir']);
  });
});
