/** The part of a KeyboardEvent that a binding is made of. */
export interface KeyStroke {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

interface Binding {
  readonly key: string;
  readonly mod: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
}

/** `Shift+L` → its parts. The key itself may be `+`. */
function parseBinding(text: string): Binding {
  const match = /^((?:(?:Mod|Alt|Shift)\+)*)(.+)$/.exec(text);
  const modifiers = match?.[1] ?? '';
  return {
    key: match?.[2] ?? text,
    mod: modifiers.includes('Mod+'),
    alt: modifiers.includes('Alt+'),
    shift: modifiers.includes('Shift+'),
  };
}

const isLetter = (key: string) => /^[a-z]$/i.test(key);
/** `+` sits on the key `=` of an American keyboard; nobody should have to hold Shift for it. */
const ALIASES: Readonly<Record<string, string>> = { '=': '+', ' ': 'Space' };

/**
 * True when a stroke is this binding. Letters match what is printed on the key, and on a layout without Latin letters
 * the place of the key; Shift counts for letters and named keys only, since `?` and `+` lie elsewhere on each layout.
 *
 * @param modIsMeta true on macOS, where Mod is ⌘
 */
export function isStroke(stroke: KeyStroke, binding: string, modIsMeta: boolean): boolean {
  const wanted = parseBinding(binding);
  const mod = modIsMeta ? stroke.metaKey : stroke.ctrlKey;
  const otherMod = modIsMeta ? stroke.ctrlKey : stroke.metaKey;
  if (otherMod || mod !== wanted.mod || stroke.altKey !== wanted.alt) return false;
  if (isLetter(wanted.key)) {
    const latin = isLetter(stroke.key) || stroke.key.length > 1;
    const same = latin
      ? stroke.key.toLowerCase() === wanted.key.toLowerCase()
      : stroke.code === `Key${wanted.key.toUpperCase()}`;
    return same && stroke.shiftKey === wanted.shift;
  }
  const key = ALIASES[stroke.key] ?? stroke.key;
  if (key !== wanted.key) return false;
  const named = wanted.key.length > 1;
  return !named || stroke.shiftKey === wanted.shift;
}

/** True for a binding that is one printable key without Ctrl, ⌘ or Alt (WCAG 2.1.4 speaks of these). */
export function isSingleKey(binding: string): boolean {
  const { key, mod, alt } = parseBinding(binding);
  return !mod && !alt && (key.length === 1 || key === 'Space');
}

/** The binding that a stroke is, for recording; null for a modifier alone. */
export function bindingOf(stroke: KeyStroke, modIsMeta: boolean): string | null {
  if (/^(Shift|Control|Alt|Meta|AltGraph|Dead|Unidentified)$/.test(stroke.key)) return null;
  const mod = modIsMeta ? stroke.metaKey : stroke.ctrlKey;
  const key = ALIASES[stroke.key] ?? (isLetter(stroke.key) ? stroke.key.toLowerCase() : stroke.key);
  const shiftCounts = isLetter(key) || key.length > 1;
  const shift = stroke.shiftKey && shiftCounts;
  const name = isLetter(key) && (shift || mod) ? key.toUpperCase() : key;
  return `${mod ? 'Mod+' : ''}${stroke.altKey ? 'Alt+' : ''}${shift ? 'Shift+' : ''}${name}`;
}

const SYMBOLS: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
};

/** How a sequence is written on the screen: `g h`, `⌘\`, `Shift+←`. */
export function keyLabel(sequence: string, modIsMeta: boolean): string {
  return sequence
    .split(' ')
    .map((binding) => {
      const { key, mod, alt, shift } = parseBinding(binding);
      const name = SYMBOLS[key] ?? (isLetter(key) && shift ? key.toUpperCase() : key);
      const modName = modIsMeta ? '⌘' : 'Ctrl+';
      return `${mod ? modName : ''}${alt ? 'Alt+' : ''}${shift ? 'Shift+' : ''}${name}`;
    })
    .join(' ');
}

/** The same for `aria-keyshortcuts`, which knows no sequences: undefined for those. */
export function ariaKeys(sequences: readonly string[], modIsMeta: boolean): string | undefined {
  const single = sequences.filter((sequence) => !sequence.includes(' '));
  if (single.length === 0) return undefined;
  return single.map((sequence) => sequence.replace('Mod', modIsMeta ? 'Meta' : 'Control')).join(' ');
}
