import { useEffect, useRef, useState, type ReactNode, type RefObject } from 'react';
import { useCommand } from '../../commands/keyboard.tsx';
import { useAgents, useConsole, useDesk, useIncidents } from '../../stores/use-console.ts';
import { connectionWords } from '../../words/connection-words.ts';
import { plural } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';

/** Under which name each cluster knows this person, and the ways out. */
export function UserMenuPanel({ onDone }: { readonly onDone: () => void }) {
  const console = useConsole();
  const incidents = useIncidents();
  const agents = useAgents();
  const pending = useDesk((desk) => desk.pending);
  const first = useRef<HTMLButtonElement>(null);
  const [asked, setAsked] = useState(false);
  useEffect(() => first.current?.focus(), []);
  const browser = console.bridge.platform === 'browser';
  const signOut = () => {
    // What has not reached an agent yet would be lost without a word.
    if (pending > 0 && !asked) setAsked(true);
    else {
      onDone();
      void console.signOut();
    }
  };
  return (
    <>
      <ul aria-label="Where you are signed in" className="max-h-52 overflow-y-auto border-b border-line-1 px-2 pb-2">
        {[...agents.values()].map(({ saved }) => (
          <li className="flex min-w-0 items-center gap-2 py-1" key={saved.agentId}>
            <span className="cluster-code">{saved.code}</span>
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium">{visibleText(incidents.me(saved.agentId))}</span>
              <span className="block truncate text-xs text-text-3">{connectionWords(saved.connection)}</span>
            </span>
          </li>
        ))}
      </ul>
      <MenuCommand id="go.settings" label="Settings" target={first} onDone={onDone} />
      {!browser && (
        <MenuButton
          onPress={() => {
            onDone();
            console.patchView({ addingAgent: true });
          }}
        >
          Connect another agent
        </MenuButton>
      )}
      <MenuCommand id="clock.toggle" label="UTC or local time" onDone={onDone} />
      <MenuCommand id="sheet.toggle" label="All keys" onDone={onDone} />
      <MenuCommand id="go.help" label="Help" onDone={onDone} />
      <div className="my-1 border-t border-line-1" />
      <MenuButton onPress={signOut}>
        {asked
          ? `Sign out and lose ${plural(pending, 'pending action')}`
          : browser
            ? 'Sign out'
            : 'Sign out everywhere'}
      </MenuButton>
    </>
  );
}

interface MenuCommandProps {
  readonly id: string;
  readonly label: string;
  readonly target?: RefObject<HTMLButtonElement | null>;
  readonly onDone: () => void;
}

function MenuCommand({ id, label: words, target, onDone }: MenuCommandProps) {
  const { command, label } = useCommand(id);
  return (
    <MenuButton
      keys={label}
      target={target}
      onPress={() => {
        onDone();
        command.run();
      }}
    >
      {words}
    </MenuButton>
  );
}

interface MenuButtonProps {
  readonly keys?: string | undefined;
  readonly target?: RefObject<HTMLButtonElement | null> | undefined;
  readonly onPress: () => void;
  readonly children: ReactNode;
}

function MenuButton({ keys, target, onPress, children }: MenuButtonProps) {
  return (
    <button
      className="flex h-8 w-full items-center justify-between gap-3 rounded-md px-2 text-left hover:bg-hover"
      ref={target}
      type="button"
      onClick={onPress}
    >
      {children}
      {keys !== undefined && <kbd className="key">{keys}</kbd>}
    </button>
  );
}
