import { CLOCKS, type Clock } from '../words/clock.ts';
import { TIME_RANGES, type TimeRangeId } from './time-range.ts';

/** A keymap that was imported may name more commands than there are. */
const MAX_REMAPS = 500;
/** Twice as many as the console watches at once. */
const MAX_PROTECTED = 100;

export const KEY_PRESETS = ['default', 'vim', 'modifiers'] as const;
export type KeyPreset = (typeof KEY_PRESETS)[number];

/** Which keys a person has given to which commands, on top of a preset. */
export interface Keymap {
  readonly preset: KeyPreset;
  /** By command id; an empty list leaves a command without keys. */
  readonly remaps: Readonly<Record<string, readonly string[]>>;
}

/** WCAG 2.1.4: single keys can be turned off, or moved behind Alt. */
export const SINGLE_KEYS = ['on', 'alt', 'off'] as const;
export type SingleKeys = (typeof SINGLE_KEYS)[number];

/** What a person has set once and expects to find again. */
export interface Preferences {
  readonly clock: Clock;
  readonly rangeId: TimeRangeId;
  readonly singleKeys: SingleKeys;
  readonly keymap: Keymap;
  /** Ids of agents where what cannot be undone asks for the cluster's code first. */
  readonly protectedAgents: readonly string[];
}

export const DEFAULT_PREFERENCES: Preferences = {
  clock: 'utc',
  rangeId: '15m',
  singleKeys: 'on',
  keymap: { preset: 'default', remaps: {} },
  protectedAgents: [],
};

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
    keymap: readKeymap(stored['keymap']),
    protectedAgents: readIds(stored['protectedAgents']),
  };
}

/** A keymap from outside: whatever of it has the right shape, the rest as it is by default. */
export function readKeymap(value: unknown): Keymap {
  const { preset, remaps } = isObject(value) ? value : {};
  const entries = Object.entries(isObject(remaps) ? remaps : {}).flatMap(([id, keys]): [string, readonly string[]][] =>
    Array.isArray(keys) && keys.every((one) => typeof one === 'string' && one.length < 40) ? [[id, keys]] : [],
  );
  return {
    preset: oneOf(KEY_PRESETS, preset, DEFAULT_PREFERENCES.keymap.preset),
    remaps: Object.fromEntries(entries.slice(0, MAX_REMAPS)),
  };
}

function readIds(value: unknown): readonly string[] {
  const ids = Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
  return ids.slice(0, MAX_PROTECTED);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

export function writePreferences(shelf: PreferenceShelf, preferences: Preferences): void {
  shelf.setItem(KEY, JSON.stringify(preferences));
}

function storedObject(text: string | null): Readonly<Record<string, unknown>> {
  if (text === null) return {};
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

function oneOf<Choice extends string>(choices: readonly Choice[], value: unknown, fallback: Choice): Choice {
  return choices.find((choice) => choice === value) ?? fallback;
}
