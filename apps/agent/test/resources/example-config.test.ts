import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/config.ts';
import { ConfigSchema } from '../../src/config/config-schema.ts';
import { settingPaths } from '../../src/config/setting-paths.ts';

const EXAMPLE = fileURLToPath(new URL('../../../../resources/agent.example.yaml', import.meta.url));

describe('the example configuration', () => {
  it('comes to the defaults', () => {
    expect(loadConfig({ file: EXAMPLE, env: {} })).toEqual(loadConfig({ env: {} }));
  });

  it('names every setting', () => {
    const text = readFileSync(EXAMPLE, 'utf8');
    const missing = settingPaths(ConfigSchema).filter(
      ({ path }) => !new RegExp(`^#? *${path.at(-1)}:`, 'm').test(text),
    );
    expect(missing.map(({ path }) => path.join('.'))).toEqual([]);
  });
});

/** What the example only shows must be right too. */
describe('the settings that the example shows in comments', () => {
  it.each(['receive', 'parsing'])('can be used as they are: %s', (section) => {
    const text = readFileSync(EXAMPLE, 'utf8');
    const from = text.indexOf(`\n${section}: {}\n`) + 1;
    const lines = text.slice(from).split('\n').slice(1);
    const shown = lines.slice(0, lines.indexOf('')).map((line) => line.replace(/^#/, ''));
    const tree = parse(shown.join('\n')) as Record<string, unknown>;
    expect(Object.keys(tree).length).toBeGreaterThan(5);
    expect(() => loadConfig({ env: {}, overrides: { [section]: tree } })).not.toThrow();
  });
});
