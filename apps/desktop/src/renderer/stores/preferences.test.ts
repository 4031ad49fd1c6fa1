import { describe, expect, it } from 'vitest';
import { DEFAULT_PREFERENCES, readPreferences, writePreferences, type Preferences } from './preferences.ts';

function aShelf(text: string | null = null) {
  let stored = text;
  return {
    getItem: () => stored,
    setItem: (_key: string, value: string) => {
      stored = value;
    },
  };
}

describe('preferences', () => {
  it('come back as they were left', () => {
    const shelf = aShelf();
    const mine: Preferences = {
      clock: 'local',
      rangeId: '24h',
      singleKeys: 'alt',
      protectedAgents: ['agent-eu'],
      keymap: { preset: 'vim', remaps: { 'incident.ack': ['q'] } },
    };
    writePreferences(shelf, mine);
    expect(readPreferences(shelf)).toEqual(mine);
  });

  it.each([[null], ['{'], ['[]'], ['null'], ['{"clock":"mars","rangeId":7,"singleKeys":null}']])(
    'fall back field by field where %s is stored',
    (text) => {
      expect(readPreferences(aShelf(text))).toEqual(DEFAULT_PREFERENCES);
    },
  );

  it('keep the fields that make sense', () => {
    expect(readPreferences(aShelf('{"clock":"local","rangeId":"99y"}'))).toEqual({
      ...DEFAULT_PREFERENCES,
      clock: 'local',
    });
  });
});
