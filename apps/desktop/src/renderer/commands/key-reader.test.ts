import { describe, expect, it } from 'vitest';
import type { Command } from './command.ts';
import { KeyReader } from './key-reader.ts';
import { ariaKeys, keyLabel, type KeyStroke } from './key-stroke.ts';

function aStroke(key: string, overrides: Partial<KeyStroke> = {}): KeyStroke {
  const code = /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : key;
  const shiftKey = /^[A-Z?+]$/.test(key);
  return { key, code, ctrlKey: false, metaKey: false, altKey: false, shiftKey, ...overrides };
}

function aCommand(id: string, keys: readonly string[], overrides: Partial<Command> = {}): Command {
  return { id, title: id, group: 'Window', keys, run: () => undefined, ...overrides };
}

const COMMANDS = [
  aCommand('go.heartbeat', ['g h']),
  aCommand('go.incidents', ['g i'], { disabledReason: () => 'comes with a later release' }),
  aCommand('live', ['Shift+L']),
  aCommand('hold', ['Space']),
  aCommand('zoom.in', ['+']),
  aCommand('sheet', ['?']),
  aCommand('inspector', ['Mod+\\']),
  aCommand('pane.next', ['F6']),
  aCommand('pane.previous', ['Shift+F6']),
  aCommand('hidden', ['x'], { when: () => false }),
];

function aReader() {
  const reader = new KeyReader(COMMANDS, false, () => 'heartbeat');
  let nowMs = 0;
  return {
    wait: (ms: number) => {
      nowMs += ms;
    },
    press: (key: string, overrides: Partial<KeyStroke> = {}, singleKeys: 'on' | 'alt' | 'off' = 'on') => {
      const reading = reader.read(aStroke(key, overrides), nowMs, singleKeys);
      return reading.type === 'run' ? reading.command.id : reading.type;
    },
  };
}

describe('KeyReader', () => {
  it('runs a chord whose second key follows in time', () => {
    const { press, wait } = aReader();
    expect(press('g')).toBe('pending');
    wait(1100);
    expect(press('h')).toBe('go.heartbeat');
  });

  it('forgets the first key of a chord after 1.2 s', () => {
    const { press, wait } = aReader();
    press('g');
    wait(1300);
    expect(press('h')).toBe('none');
  });

  it('names what may follow the first key', () => {
    const reading = new KeyReader(COMMANDS, false, () => 'heartbeat').read(aStroke('g'), 0, 'on');
    expect(reading.type === 'pending' && reading.continuations.map((command) => command.id)).toEqual([
      'go.heartbeat',
      'go.incidents',
    ]);
  });

  it('cancels a chord with Esc or with a key that leads nowhere', () => {
    const { press } = aReader();
    press('g');
    expect(press('Escape')).toBe('cancelled');
    press('g');
    expect(press('z')).toBe('cancelled');
    expect(press('h')).toBe('none');
  });

  it('says why a disabled command does not run', () => {
    const { press } = aReader();
    press('g');
    expect(press('i')).toBe('refused');
  });

  it('takes Shift for letters and named keys, and leaves it to the layout for signs', () => {
    const { press } = aReader();
    expect(press('l')).toBe('none');
    expect(press('L')).toBe('live');
    expect(press('F6', { shiftKey: true })).toBe('pane.previous');
    expect(press('?', { shiftKey: false })).toBe('sheet');
    expect(press('=', { shiftKey: false })).toBe('zoom.in');
  });

  it('goes by the place of the key where the layout has no Latin letters', () => {
    const { press } = aReader();
    expect(press('п', { code: 'KeyG' })).toBe('pending');
    expect(press('р', { code: 'KeyH' })).toBe('go.heartbeat');
  });

  it('leaves combinations of the system alone', () => {
    const { press } = aReader();
    expect(press(' ', { metaKey: true })).toBe('none');
    expect(press('L', { ctrlKey: true })).toBe('none');
    expect(press('\\', { ctrlKey: true })).toBe('inspector');
    expect(press('x')).toBe('none');
  });

  it('lets single keys be turned off or moved behind Alt, never the others', () => {
    const { press } = aReader();
    expect(press(' ', {}, 'off')).toBe('none');
    expect(press('F6', {}, 'off')).toBe('pane.next');
    expect(press(' ', {}, 'alt')).toBe('none');
    expect(press(' ', { altKey: true }, 'alt')).toBe('hold');
  });
});

describe('key labels', () => {
  it('are written as people read them', () => {
    expect(['g h', 'Shift+ArrowLeft', 'Mod+\\', 'Escape'].map((keys) => keyLabel(keys, true))).toEqual([
      'g h',
      'Shift+←',
      '⌘\\',
      'Esc',
    ]);
  });

  it('reach assistive technology where it knows such a shortcut', () => {
    expect(ariaKeys(['Mod+\\'], false)).toBe('Control+\\');
    expect(ariaKeys(['g h'], false)).toBeUndefined();
  });
});
