import { describe, expect, it } from 'vitest';
import { SECTIONS, sectionsFor } from './settings-index.ts';

describe('the search of the settings', () => {
  it('shows everything until something is typed', () => {
    expect([...sectionsFor('  ')]).toEqual(SECTIONS.map(({ id }) => id));
  });

  it.each([
    ['Quiet Hours', ['notifications']],
    ['tray', ['window']],
    ['p1', ['notifications']],
    ['colour', ['clusters']],
    ['utc', ['appearance']],
    ['vim', ['keyboard']],
    ['no such thing', []],
  ])('%s leads to %j', (search, found) => {
    expect([...sectionsFor(search)]).toEqual(found);
  });
});
