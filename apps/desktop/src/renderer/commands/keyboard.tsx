import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { useStore } from 'zustand';
import type { Console } from '../stores/console.ts';
import type { Command } from './command.ts';
import { KeyReader } from './key-reader.ts';
import { ariaKeys, keyLabel } from './key-stroke.ts';
import { withKeymap } from './keymap.ts';
import { TypingGuard } from './typing-guard.ts';

/** Until the names of the keys that may follow are shown; a practised hand never sees them (ux §2.3). */
const WHICH_KEY_AFTER_MS = 300;
const CHORD_SHOWN_MS = 1200;

interface Keyboard {
  readonly commands: readonly Command[];
  readonly modIsMeta: boolean;
  /** A chord that waits for its second key. */
  readonly pending: { readonly prefix: string; readonly continuations: readonly Command[] } | null;
}

const KeyboardContext = createContext<Keyboard>({ commands: [], modIsMeta: false, pending: null });

interface KeyboardProviderProps {
  readonly console: Console;
  readonly commands: readonly Command[];
  readonly modIsMeta: boolean;
  readonly children: ReactNode;
}

/** Listens once, on the window; runs commands; tells the rest of the screen what their keys are called. */
export function KeyboardProvider({ console, commands: unbound, modIsMeta, children }: KeyboardProviderProps) {
  const keymap = useStore(console.view, (view) => view.preferences.keymap);
  const commands = useMemo(() => withKeymap(unbound, keymap), [unbound, keymap]);
  const [pending, setPending] = useState<Keyboard['pending']>(null);

  useEffect(() => {
    const reader = new KeyReader(commands, modIsMeta, () => console.view.getState().view);
    const guard = new TypingGuard();
    const onFocus = (event: Event) => guard.focused(event.timeStamp);
    let timers: ReturnType<typeof setTimeout>[] = [];
    const forget = () => {
      for (const timer of timers) clearTimeout(timer);
      timers = [];
      setPending(null);
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || belongsToThePage(event)) return;
      if (isTypedAhead(console, event)) return;
      const reading = reader.read(event, event.timeStamp, console.view.getState().preferences.singleKeys);
      if (reading.type === 'none') return;
      event.preventDefault();
      forget();
      if (reading.type === 'run') runGuarded(console, guard, reading.command, event);
      else if (reading.type === 'refused') console.announce(`${reading.command.title}: ${reading.reason}`);
      else if (reading.type === 'pending') {
        const { prefix, continuations } = reading;
        timers = [
          setTimeout(() => setPending({ prefix, continuations }), WHICH_KEY_AFTER_MS),
          setTimeout(() => setPending(null), CHORD_SHOWN_MS),
        ];
      }
    };
    window.addEventListener('keydown', onKeyDown);
    window.addEventListener('focus', onFocus);
    return () => {
      window.removeEventListener('keydown', onKeyDown);
      window.removeEventListener('focus', onFocus);
      forget();
    };
  }, [console, commands, modIsMeta]);

  return <KeyboardContext value={{ commands, modIsMeta, pending }}>{children}</KeyboardContext>;
}

export function useKeyboard(): Keyboard {
  return useContext(KeyboardContext);
}

export interface CommandFacts {
  readonly command: Command;
  /** `g h` */
  readonly label: string | undefined;
  readonly ariaKeys: string | undefined;
  readonly disabledReason: string | null;
}

/** A command as a button needs it. */
export function useCommand(id: string): CommandFacts {
  // Whether it is off depends on what no argument says: it is asked at every render.
  'use no memo';
  const { commands, modIsMeta } = useContext(KeyboardContext);
  const command = commands.find((one) => one.id === id);
  if (command === undefined) throw new Error(`no command is called ${id}: see commands/console-commands.ts`);
  const [first] = command.keys;
  return {
    command,
    label: first === undefined ? undefined : keyLabel(first, modIsMeta),
    ariaKeys: ariaKeys(command.keys, modIsMeta),
    disabledReason: command.disabledReason?.() ?? null,
  };
}

/**
 * Between the key that opens the palette, or a question, and its first frame, a quick hand types on: that is text for
 * the palette and nothing for the desk.
 */
function isTypedAhead(console: Console, event: KeyboardEvent): boolean {
  const { palette } = console.view.getState();
  const { question, typedAhead } = console.incidents.view.getState();
  const asking = question !== null;
  if ((palette === null && !asking) || event.key === 'Escape') return false;
  const isText = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (palette !== null && isText) console.patchView({ palette: palette + event.key });
  // What has to be read before it is answered gets no answer from before.
  if (isText && !event.repeat && (question?.type === 'silence' || question?.type === 'severity')) {
    console.incidents.view.setState({ typedAhead: [...typedAhead, event.key] });
  }
  event.preventDefault();
  return true;
}

/** A change for others needs a hand that means it: no auto-repeat, and nothing typed for another window. */
function runGuarded(console: Console, guard: TypingGuard, command: Command, event: KeyboardEvent): void {
  if (command.effect === undefined) {
    command.run();
    return;
  }
  if (event.repeat) return;
  if (console.view.getState().wallboard) {
    console.announce(`${command.title}: a wallboard changes nothing, F11 leaves it`);
    return;
  }
  switch (guard.judge(command.id, event.timeStamp)) {
    case 'run':
      command.run();
      return;
    case 'too soon':
      console.announce(`${command.title}: not done, the window had just come to the front`);
      return;
    case 'typing elsewhere':
      console.patchView({
        guardNotice: `Looks like you were typing elsewhere: “${command.title}” was not done. z undoes what was.`,
      });
  }
}

/** Keys that the focused control uses itself: text in fields, Space and Enter on buttons, arrows in groups and lists. */
function belongsToThePage(event: KeyboardEvent): boolean {
  const { target, key } = event;
  if (!(target instanceof HTMLElement)) return false;
  if (isTextField(target)) {
    const editing = /^[acvxyz]$/i.test(key);
    return key !== 'Escape' && (editing || (!event.ctrlKey && !event.metaKey)) && !/^F\d+$/.test(key);
  }
  if (target.closest('dialog, [role="dialog"]') !== null) return key !== 'Escape' && key !== '?';
  const control = target.closest('button, a, [role="radio"], [role="option"], summary, select');
  if (control === null) return false;
  if (key === ' ' || key === 'Enter') return true;
  return key.startsWith('Arrow') && control.closest('[role="radiogroup"], [role="listbox"], [role="grid"]') !== null;
}

function isTextField(element: HTMLElement): boolean {
  return element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);
}
