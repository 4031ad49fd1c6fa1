import type { SingleKeys } from '../stores/preferences.ts';
import type { ViewName } from '../stores/view-store.ts';
import type { Command } from './command.ts';
import { isSingleKey, isStroke, type KeyStroke } from './key-stroke.ts';

/** The second key of a chord must follow within this time (ux §2.3). */
const CHORD_MS = 1200;

export type Reading =
  | { readonly type: 'run'; readonly command: Command }
  /** The command is there but cannot be done now. */
  | { readonly type: 'refused'; readonly command: Command; readonly reason: string }
  /** The first key of a chord; these may follow. */
  | { readonly type: 'pending'; readonly prefix: string; readonly continuations: readonly Command[] }
  | { readonly type: 'cancelled' }
  | { readonly type: 'none' };

/** Turns strokes into commands, chords included. It knows no DOM: what may not be read is decided before it is asked. */
export class KeyReader {
  readonly #commands: readonly Command[];
  readonly #modIsMeta: boolean;
  readonly #view: () => ViewName;
  #pressed: string[] = [];
  #pressedAtMs = Number.NEGATIVE_INFINITY;

  /** @param view where one is: the keys of another view's commands mean nothing there */
  constructor(commands: readonly Command[], modIsMeta: boolean, view: () => ViewName) {
    this.#commands = commands;
    this.#view = view;
    this.#modIsMeta = modIsMeta;
  }

  read(stroke: KeyStroke, nowMs: number, singleKeys: SingleKeys): Reading {
    if (isModifier(stroke.key)) return { type: 'none' };
    const chord = nowMs - this.#pressedAtMs <= CHORD_MS ? this.#pressed : [];
    this.#pressed = [];
    if (chord.length > 0 && stroke.key === 'Escape') return { type: 'cancelled' };

    const matching = this.#commands.flatMap((command) =>
      command.when?.() === false || (command.context !== undefined && command.context !== this.#view())
        ? []
        : command.keys
            .map((keys) => keys.split(' '))
            .filter((steps) => this.#matches(steps, chord, stroke, singleKeys))
            .map((steps) => ({ command, steps })),
    );
    const complete = matching.find(({ steps }) => steps.length === chord.length + 1);
    if (complete !== undefined) return decided(complete.command);
    const [longer] = matching;
    if (longer === undefined) return chord.length > 0 ? { type: 'cancelled' } : { type: 'none' };
    this.#pressed = longer.steps.slice(0, chord.length + 1);
    this.#pressedAtMs = nowMs;
    return {
      type: 'pending',
      prefix: this.#pressed.join(' '),
      continuations: matching.map(({ command }) => command),
    };
  }

  #matches(steps: readonly string[], chord: readonly string[], stroke: KeyStroke, singleKeys: SingleKeys): boolean {
    const step = steps[chord.length];
    if (step === undefined || !chord.every((pressed, i) => steps[i] === pressed)) return false;
    if (!isSingleKey(step) || singleKeys === 'on') return isStroke(stroke, step, this.#modIsMeta);
    return singleKeys === 'alt' && isStroke({ ...stroke, altKey: !stroke.altKey }, step, this.#modIsMeta);
  }
}

function decided(command: Command): Reading {
  const reason = command.disabledReason?.() ?? null;
  return reason === null ? { type: 'run', command } : { type: 'refused', command, reason };
}

function isModifier(key: string): boolean {
  return key === 'Shift' || key === 'Control' || key === 'Alt' || key === 'Meta' || key === 'AltGraph';
}
