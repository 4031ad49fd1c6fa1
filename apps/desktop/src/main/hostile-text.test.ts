import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const RENDERER = join(import.meta.dirname, '../renderer');

describe('text from logs', () => {
  it('has no way into the page but as text (reliability §4, row 4)', () => {
    const banned =
      /dangerouslySetInnerHTML|\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|\beval\(|new Function\(|href=\{(?!`#)/;
    const sources = readdirSync(RENDERER, { recursive: true, encoding: 'utf8' }).filter(
      (file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file),
    );
    expect(sources.length).toBeGreaterThan(80);
    expect(sources.filter((file) => banned.test(readFileSync(join(RENDERER, file), 'utf8')))).toEqual([]);
  });
});
