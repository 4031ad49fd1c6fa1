import { useEffect, useRef, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { type Command, COMMAND_GROUPS, type CommandGroup } from '../../commands/command.ts';
import { useKeyboard } from '../../commands/keyboard.tsx';
import { keyLabel } from '../../commands/key-stroke.ts';
import type { ViewName } from '../../stores/view-store.ts';
import { useConsole } from '../../stores/use-console.ts';

/** What the view in front is about comes first. */
const CONTEXT_GROUPS: Readonly<Record<ViewName, CommandGroup>> = {
  batcave: 'Go to',
  heartbeat: 'Chart',
  map: 'View',
  rules: 'View',
  automation: 'View',
  help: 'Incidents',
  feed: 'Live feed',
  templates: 'Go to',
  incidents: 'Incidents',
  timeline: 'Incidents',
  sources: 'Go to',
  setup: 'Go to',
  settings: 'Window',
};

/** Every key, from the same registry that runs them; what is off says why. */
export function KeySheet() {
  const console = useConsole();
  const { commands, modIsMeta } = useKeyboard();
  const [search, setSearch] = useState('');
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const close = () => console.patchView({ sheetOpen: false });
  const here = CONTEXT_GROUPS[console.view.getState().view];
  const groups = COMMAND_GROUPS.toSorted((a, b) => Number(b === here) - Number(a === here));
  const wanted = search.trim().toLowerCase();
  const fits = (command: Command) =>
    wanted === '' ||
    [command.title, ...(command.synonyms ?? [])].some((words) => words.toLowerCase().includes(wanted)) ||
    command.keys.some((keys) => keyLabel(keys, modIsMeta).toLowerCase() === wanted);
  return (
    <dialog
      aria-label="Keys"
      className="m-auto max-h-[82vh] w-[760px] max-w-[calc(100vw-32px)] rounded-xl border border-line-1 bg-bg-3 p-0 text-text-1 shadow-overlay backdrop:bg-[rgb(5_8_13/0.6)]"
      ref={dialog}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <header className="sticky top-0 flex items-center gap-3 border-b border-line-1 bg-bg-3 p-3">
        <h2 className="text-lg font-semibold">Keys</h2>
        <input
          aria-label="Find a key or an action"
          autoFocus
          className="field flex-1"
          placeholder="Find a key or an action"
          type="search"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <Button aria-label="Close" look="quiet" onClick={close}>
          <Icon name="close" />
        </Button>
      </header>
      <div className="columns-2 gap-8 p-4 max-[700px]:columns-1">
        {groups.map((group) => {
          const shown = commands.filter((command) => command.group === group && fits(command));
          return shown.length === 0 ? null : (
            <section className="mb-4 break-inside-avoid-column" key={group}>
              <h3 className="mb-1 text-2xs font-semibold tracking-wide text-text-3 uppercase">{group}</h3>
              <ul>
                {shown.map((command) => (
                  <KeyRow key={command.id} command={command} modIsMeta={modIsMeta} />
                ))}
              </ul>
            </section>
          );
        })}
      </div>
    </dialog>
  );
}

function KeyRow({ command, modIsMeta }: { readonly command: Command; readonly modIsMeta: boolean }) {
  const reason = command.disabledReason?.() ?? null;
  return (
    <li className="flex min-h-7 items-center gap-3 text-sm">
      <span className={reason === null ? 'flex-1' : 'flex-1 text-text-3'}>
        {command.title}
        {reason !== null && <span className="text-text-3"> · {reason}</span>}
      </span>
      {command.keys.slice(0, 1).map((keys) => (
        <span className="flex gap-1" key={keys}>
          {keyLabel(keys, modIsMeta)
            .split(' ')
            .map((step) => (
              <kbd className="key" key={step}>
                {step}
              </kbd>
            ))}
        </span>
      ))}
    </li>
  );
}
