import { describe, expect, it } from 'vitest';
import { snippet, SNIPPETS } from './snippet.ts';

describe('snippets', () => {
  it.each(SNIPPETS)('$id sends to the address of this agent, and holds no key', ({ id }) => {
    const text = snippet(id, 'https://eu.example:8400/');
    expect(text).toContain('https://eu.example:8400/v1/ingest');
    expect(text).toMatch(/SENTINELLOG_KEY/);
    expect(text).not.toMatch(/slk_/);
  });
});
