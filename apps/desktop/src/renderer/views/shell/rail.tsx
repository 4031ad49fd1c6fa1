import { Hint } from '../../components/hint.tsx';
import { Icon, type IconName } from '../../components/icon.tsx';
import { useCommand } from '../../commands/keyboard.tsx';
import { useView } from '../../stores/use-console.ts';

interface RailEntry {
  readonly commandId: string;
  readonly icon: IconName;
}

const VIEWS: readonly RailEntry[] = [
  { commandId: 'go.batcave', icon: 'batcave' },
  { commandId: 'go.heartbeat', icon: 'heartbeat' },
  { commandId: 'go.incidents', icon: 'incidents' },
  { commandId: 'go.feed', icon: 'feed' },
  { commandId: 'go.map', icon: 'map' },
  { commandId: 'go.timeline', icon: 'timeline' },
  { commandId: 'go.rules', icon: 'rules' },
  { commandId: 'go.automation', icon: 'automation' },
];
const SETUP: readonly RailEntry[] = [
  { commandId: 'go.sources', icon: 'sources' },
  { commandId: 'go.settings', icon: 'settings' },
  { commandId: 'go.help', icon: 'help' },
];

/** Every view of the product in its place from the first day: what is not there yet says so instead of moving later. */
export function Rail() {
  return (
    <nav
      aria-label="Views"
      className="flex flex-col items-center gap-1 border-r border-line-1 bg-bg-1 py-2 [grid-area:rail]"
    >
      {VIEWS.map((entry) => (
        <RailButton key={entry.commandId} {...entry} />
      ))}
      <div className="flex-1" />
      {SETUP.map((entry) => (
        <RailButton key={entry.commandId} {...entry} />
      ))}
    </nav>
  );
}

function RailButton({ commandId, icon }: RailEntry) {
  const { command, label, disabledReason } = useCommand(commandId);
  const current = useView((view) => !view.addingAgent && `go.${view.view}` === commandId);
  const disabled = disabledReason !== null;
  return (
    <Hint
      keys={disabled ? undefined : label}
      side="right"
      text={disabled ? `${command.title}: ${disabledReason}` : command.title}
    >
      {(hintId) => (
        <button
          aria-current={current ? 'page' : undefined}
          aria-describedby={hintId}
          aria-disabled={disabled || undefined}
          aria-label={command.title}
          className="relative grid size-9 place-items-center rounded-md text-text-3 transition-colors before:absolute before:inset-y-1.5 before:-left-2.5 before:w-0.5 before:rounded-r before:bg-transparent not-aria-disabled:hover:bg-hover not-aria-disabled:hover:text-text-1 aria-disabled:text-text-dis/70 aria-[current]:bg-sel aria-[current]:text-accent aria-[current]:before:bg-accent"
          type="button"
          onClick={() => {
            if (!disabled) command.run();
          }}
        >
          <Icon name={icon} size={20} />
        </button>
      )}
    </Hint>
  );
}
