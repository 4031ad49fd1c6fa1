import { CLOCKS, type Clock } from '../words/clock.ts';
import { TIME_RANGES, type TimeRangeId } from './time-range.ts';

/** WCAG 2.1.4: single keys can be turned off, or moved behind Alt. */
export const SINGLE_KEYS = ['on', 'alt', 'off'] as const;
export type SingleKeys = (typeof SINGLE_KEYS)[number];

/** What a person has set once and expects to find again. */
export interface Preferences {
  readonly clock: Clock;
  readonly rangeId: TimeRangeId;
  readonly singleKeys: SingleKeys;
}

export const DEFAULT_PREFERENCES: Preferences = { clock: 'utc', rangeId: '15m', singleKeys: 'on' };

/** Where preferences rest between two starts: the part of `localStorage` that is needed. */
export interface PreferenceShelf {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

const KEY = 'sentinellog.preferences';

/** Whatever of the stored text makes sense; a broken or older one falls back field by field. */
export function readPreferences(shelf: PreferenceShelf): Preferences {
  const stored = storedObject(shelf.getItem(KEY));
  return {
    clock: oneOf(CLOCKS, stored['clock'], DEFAULT_PREFERENCES.clock),
    rangeId: oneOf(
      TIME_RANGES.map((range) => range.id),
      stored['rangeId'],
      DEFAULT_PREFERENCES.rangeId,
    ),
    singleKeys: oneOf(SINGLE_KEYS, stored['singleKeys'], DEFAULT_PREFERENCES.singleKeys),
  };
}

export function writePreferences(shelf: PreferenceShelf, preferences: Preferences): void {
  shelf.setItem(KEY, JSON.stringify(preferences));
}

function storedObject(text: string | null): Readonly<Record<string, unknown>> {
  if (text === null) return {};
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

function oneOf<Choice extends string>(choices: readonly Choice[], value: unknown, fallback: Choice): Choice {
  return choices.find((choice) => choice === value) ?? fallback;
}
