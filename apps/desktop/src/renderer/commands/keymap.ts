import type { Keymap, KeyPreset } from '../stores/preferences.ts';
import type { Command } from './command.ts';
import { isSingleKey } from './key-stroke.ts';

export const PRESET_NAMES: Readonly<Record<KeyPreset, string>> = {
  default: 'Default',
  vim: 'Vim / k9s',
  modifiers: 'Modifier only',
};

/** What fingers from vim and k9s expect where it differs: mark with Space, describe with d, `-` for the last view. */
const VIM: Readonly<Record<string, readonly string[]>> = {
  'inbox.select': ['Space', 'x'],
  'incident.peek': ['d'],
  'view.last': ['`', '-'],
  'zoom.back': ['Shift+Z'],
  'incident.undo': ['u', 'Mod+Z'],
  'clock.toggle': ['Shift+U'],
  'incident.redo': ['Mod+R', 'Mod+Shift+Z'],
};

function presetKeys(command: Command, preset: KeyPreset): readonly string[] {
  switch (preset) {
    case 'default':
      return command.keys;
    case 'vim':
      return VIM[command.id] ?? command.keys;
    case 'modifiers':
      return command.keys.map(behindAlt);
    default:
      return preset satisfies never;
  }
}

/** Only the first step of a chord: after it, the second is no accident any more. */
function behindAlt(sequence: string): string {
  const [first = '', ...rest] = sequence.split(' ');
  return [isSingleKey(first) ? `Alt+${first}` : first, ...rest].join(' ');
}

/** The commands with the keys that this person has. */
export function withKeymap(commands: readonly Command[], { preset, remaps }: Keymap): readonly Command[] {
  return commands.map((command) => ({ ...command, keys: remaps[command.id] ?? presetKeys(command, preset) }));
}

export interface KeyConflict {
  readonly keys: string;
  readonly commands: readonly Command[];
}

/** Keys that mean two things in one place, or begin a chord although they do something by themselves. */
export function keyConflicts(commands: readonly Command[]): readonly KeyConflict[] {
  const bound = commands.flatMap((command) => command.keys.map((keys) => ({ keys, command })));
  const conflicts = new Map<string, Set<Command>>();
  for (const a of bound) {
    for (const b of bound) {
      if (a === b || !meet(a.command, b.command)) continue;
      if (a.keys !== b.keys && !b.keys.startsWith(`${a.keys} `)) continue;
      const found = conflicts.get(a.keys) ?? new Set();
      conflicts.set(a.keys, found.add(a.command).add(b.command));
    }
  }
  return [...conflicts].map(([keys, found]) => ({ keys, commands: [...found] }));
}

function meet(a: Command, b: Command): boolean {
  return a.context === undefined || b.context === undefined || a.context === b.context;
}
