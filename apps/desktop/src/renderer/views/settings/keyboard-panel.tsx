import { useState, type KeyboardEvent } from 'react';
import { Button } from '../../components/button.tsx';
import { ChoiceBar } from '../../components/choice-bar.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Notice } from '../../components/notice.tsx';
import { Panel } from '../../components/panel.tsx';
import type { Command } from '../../commands/command.ts';
import { bindingOf, keyLabel } from '../../commands/key-stroke.ts';
import { useKeyboard } from '../../commands/keyboard.tsx';
import { keyConflicts, PRESET_NAMES } from '../../commands/keymap.ts';
import { KEY_PRESETS, readKeymap, type Keymap } from '../../stores/preferences.ts';
import { useConsole, useView } from '../../stores/use-console.ts';
import { plural } from '../../words/quantity.ts';

/** A chord has two steps; the second must follow at once, as it has to when it is used. */
const MAX_STEPS = 2;

/** Every command and its keys, to be changed one by one or all at once; what collides is said. */
export function KeyboardPanel() {
  const console = useConsole();
  const { commands, modIsMeta } = useKeyboard();
  const keymap = useView((view) => view.preferences.keymap);
  const singleKeys = useView((view) => view.preferences.singleKeys);
  const [search, setSearch] = useState('');
  const [recording, setRecording] = useState<string | null>(null);
  const conflicts = keyConflicts(commands);
  const colliding = new Set(conflicts.flatMap((conflict) => conflict.commands.map(({ id }) => id)));
  const wanted = search.trim().toLowerCase();
  const shown = commands.filter(
    ({ title, keys }) =>
      wanted === '' ||
      title.toLowerCase().includes(wanted) ||
      keys.some((one) => keyLabel(one, modIsMeta).toLowerCase() === wanted),
  );
  const set = (next: Keymap) => console.setPreference({ keymap: next });
  const remap = (command: Command, keys: readonly string[] | null) => {
    const { [command.id]: _, ...rest } = keymap.remaps;
    set({ ...keymap, remaps: keys === null ? rest : { ...rest, [command.id]: keys } });
    setRecording(null);
  };
  return (
    <Panel
      fact={`${plural(Object.keys(keymap.remaps).length, 'key')} of your own`}
      title="Keyboard"
      tools={<CopyButton label="Export" text={JSON.stringify(keymap, null, 2)} />}
    >
      <div className="flex flex-col gap-3 p-3">
        <div className="flex flex-wrap items-center gap-3">
          <ChoiceBar
            choices={KEY_PRESETS.map((value) => ({ value, label: PRESET_NAMES[value] }))}
            label="Preset"
            value={keymap.preset}
            onChange={(preset) => set({ ...keymap, preset })}
          />
          <ChoiceBar
            choices={[
              { value: 'on', label: 'Single keys on' },
              { value: 'alt', label: 'With Alt' },
              { value: 'off', label: 'Off' },
            ]}
            label="Single keys"
            value={singleKeys}
            onChange={(value) => console.setPreference({ singleKeys: value })}
          />
          {Object.keys(keymap.remaps).length > 0 && (
            <Button size="small" onClick={() => set({ ...keymap, remaps: {} })}>
              Reset all
            </Button>
          )}
        </div>
        {conflicts.length > 0 && (
          <Notice tone="warn">
            {conflicts.map(({ keys, commands: both }) => (
              <p key={keys}>
                <kbd className="key">{keyLabel(keys, modIsMeta)}</kbd> means{' '}
                {both.map(({ title }) => title).join(' and ')}
              </p>
            ))}
          </Notice>
        )}
        <input
          aria-label="Find a command or a key"
          className="field"
          placeholder="Find a command or a key"
          type="search"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <ul className="max-h-[420px] overflow-y-auto" tabIndex={0} aria-label="Commands">
          {shown.map((command) => (
            <li
              className="flex min-h-9 items-center gap-3 border-b border-line-1 text-sm last:border-0"
              key={command.id}
            >
              <span className={`min-w-0 flex-1 truncate ${colliding.has(command.id) ? 'text-p2' : ''}`}>
                {command.title}
                <span className="text-xs text-text-3"> {command.context ?? ''}</span>
              </span>
              {recording === command.id ? (
                <KeyRecorder modIsMeta={modIsMeta} onDone={(keys) => remap(command, keys)} />
              ) : (
                <span className="flex gap-1">
                  {command.keys.map((keys) => (
                    <kbd className="key" key={keys}>
                      {keyLabel(keys, modIsMeta)}
                    </kbd>
                  ))}
                </span>
              )}
              <Button
                aria-label={`Record keys for ${command.title}`}
                look="quiet"
                size="small"
                onClick={() => setRecording(recording === command.id ? null : command.id)}
              >
                {recording === command.id ? 'Cancel' : 'Record'}
              </Button>
              {keymap.remaps[command.id] !== undefined && (
                <Button
                  aria-label={`Reset ${command.title}`}
                  look="quiet"
                  size="small"
                  onClick={() => remap(command, null)}
                >
                  Reset
                </Button>
              )}
            </li>
          ))}
        </ul>
        <ImportKeymap onImport={set} />
      </div>
    </Panel>
  );
}

interface KeyRecorderProps {
  readonly modIsMeta: boolean;
  readonly onDone: (keys: readonly string[] | null) => void;
}

/** Takes the next one or two strokes; Enter keeps them, Backspace leaves the command without keys. */
function KeyRecorder({ modIsMeta, onDone }: KeyRecorderProps) {
  const [steps, setSteps] = useState<readonly string[]>([]);
  const record = (event: KeyboardEvent) => {
    if (event.key === 'Tab' || event.key === 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === 'Enter') onDone(steps.length === 0 ? null : [steps.join(' ')]);
    else if (event.key === 'Backspace') onDone([]);
    else {
      const binding = bindingOf(event.nativeEvent, modIsMeta);
      if (binding !== null) setSteps([...steps, binding].slice(-MAX_STEPS));
    }
  };
  return (
    <span
      aria-label="Press the new keys, then Enter; Backspace for none"
      className="rounded-md border border-accent px-2 py-0.5 text-xs text-text-1"
      ref={(element) => element?.focus()}
      role="textbox"
      tabIndex={0}
      onKeyDown={record}
    >
      {steps.length === 0 ? 'Press keys, then Enter' : `${keyLabel(steps.join(' '), modIsMeta)} · Enter`}
    </span>
  );
}

function ImportKeymap({ onImport }: { readonly onImport: (keymap: Keymap) => void }) {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  return (
    <form
      className="flex items-start gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        try {
          onImport(readKeymap(JSON.parse(text)));
          setText('');
          setProblem(null);
        } catch {
          setProblem('That is not JSON: paste what Export copied.');
        }
      }}
    >
      <textarea
        aria-label="A keymap to import"
        className="field h-16 flex-1 py-1.5 font-mono text-xs"
        placeholder='Paste an exported keymap: {"preset": "default", "remaps": {}}'
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Button disabledReason={text.trim() === '' ? 'paste a keymap first' : null} type="submit">
        Import
      </Button>
      {problem !== null && <p className="text-xs text-p2">{problem}</p>}
    </form>
  );
}
