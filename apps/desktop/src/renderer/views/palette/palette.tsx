import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useKeyboard } from '../../commands/keyboard.tsx';
import { keyLabel } from '../../commands/key-stroke.ts';
import { DialogBox } from '../../components/dialog-box.tsx';
import { useConsole } from '../../stores/use-console.ts';
import { findEntries, paletteEntries, PREFIXES, type PaletteEntry } from './palette-entries.ts';

const MAX_RECENT = 20;
/** Lives as long as the page: what was used last comes first. */
const recent: string[] = [];

/** Everything by its name: type a little, Enter. It shows the key, so that next time it is not needed. */
export function Palette({ begin }: { readonly begin: string }) {
  const console = useConsole();
  const { commands, modIsMeta } = useKeyboard();
  const [typed, setTyped] = useState(begin);
  const [at, setAt] = useState(0);
  const [steps, setSteps] = useState<readonly (readonly PaletteEntry[])[]>([]);
  const list = useRef<HTMLUListElement>(null);
  // As things are when it opens: a list that moves under the hand is worse than one that is a second old.
  const all = useMemo(() => paletteEntries(console, commands), [console, commands]);
  const step = steps.at(-1);
  const found = findEntries(step ?? all, typed, step === undefined ? recent : []);
  const close = () => console.patchView({ palette: null });

  const choose = (entry: PaletteEntry | undefined) => {
    if (typed.startsWith('/')) {
      close();
      console.incidents.inbox.setFilter({ text: typed.slice(1).trim() });
      console.go('incidents');
      return;
    }
    if (entry === undefined) return;
    if (entry.disabledReason !== null) {
      console.announce(`${entry.title}: ${entry.disabledReason}`);
      return;
    }
    if (step === undefined) remember(entry.id);
    const next = entry.run();
    setTyped('');
    setAt(0);
    if (next === undefined) close();
    else setSteps([...steps, next]);
  };
  const move = (to: number) => {
    const next = (to + found.length) % Math.max(1, found.length);
    setAt(next);
    list.current?.children[next]?.scrollIntoView({ block: 'nearest' });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown' || (event.ctrlKey && event.key === 'n')) move(at + 1);
    else if (event.key === 'ArrowUp' || (event.ctrlKey && event.key === 'p')) move(at - 1);
    else if (event.key === 'Enter') choose(found[at]);
    else if (event.key === 'Backspace' && typed === '' && steps.length > 0) setSteps(steps.slice(0, -1));
    else return;
    event.preventDefault();
  };
  return (
    <DialogBox className="w-[640px] overflow-hidden" label="Search or run" onClose={close}>
      <input
        aria-activedescendant={found[at] === undefined ? undefined : `palette-${at}`}
        aria-autocomplete="list"
        aria-controls="palette-list"
        aria-expanded="true"
        aria-label="Search or run"
        autoFocus
        className="h-12 w-full border-b border-line-1 bg-transparent px-4 text-lg outline-none placeholder:text-text-3"
        placeholder={step === undefined ? 'Search or run …' : 'Then …'}
        role="combobox"
        spellCheck={false}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul
        aria-label="Answers"
        className="max-h-[400px] overflow-y-auto p-1.5"
        id="palette-list"
        ref={list}
        role="listbox"
      >
        {found.map((entry, i) => (
          <li
            aria-disabled={entry.disabledReason !== null || undefined}
            aria-selected={i === at}
            className="flex h-9 items-center gap-3 rounded-md px-2.5 text-sm aria-selected:bg-sel aria-selected:shadow-[inset_2px_0_0_var(--color-accent)]"
            id={`palette-${i}`}
            key={`${entry.kind} ${entry.id}`}
            role="option"
            onClick={() => choose(entry)}
            onPointerMove={() => setAt(i)}
          >
            <span className={`max-w-[60%] truncate ${entry.disabledReason === null ? 'text-text-1' : 'text-text-3'}`}>
              {entry.title}
            </span>
            <span className="min-w-0 flex-1 truncate text-xs text-text-3">{entry.disabledReason ?? entry.detail}</span>
            {entry.keys !== undefined && <kbd className="key">{keyLabel(entry.keys, modIsMeta)}</kbd>}
          </li>
        ))}
      </ul>
      {found.length === 0 && (
        <p className="px-4 pb-3 text-sm text-text-3">
          {typed.startsWith('/') ? 'Enter filters the incidents by these words' : 'Nothing is called that'}
        </p>
      )}
      <p className="flex gap-4 border-t border-line-1 px-4 py-2 text-xs text-text-3">
        {PREFIXES.map(({ sign, name }) => (
          <span key={sign}>
            <kbd className="key">{sign}</kbd> {name}
          </span>
        ))}
      </p>
    </DialogBox>
  );
}

function remember(id: string): void {
  const at = recent.indexOf(id);
  if (at >= 0) recent.splice(at, 1);
  recent.unshift(id);
  recent.splice(MAX_RECENT);
}
