import { Button } from '../../components/button.tsx';
import { useAgents, useDesk, useInbox } from '../../stores/use-console.ts';
import { useCommand } from '../../commands/keyboard.tsx';

interface CommandButtonProps {
  readonly id: string;
  /** When the command's own title is too long for the place. */
  readonly label?: string;
  readonly look?: 'primary' | 'plain' | 'quiet';
}

/** A command as a button: the same words, the same key, the same reason when it is off. */
export function CommandButton({ id, label, look = 'plain' }: CommandButtonProps) {
  // Whether a command is off depends on the desk and on what is chosen: rendered anew with both.
  'use no memo';
  useDesk((desk) => desk.agents);
  useInbox((inbox) => inbox.focused);
  useInbox((inbox) => inbox.selected);
  useAgents();
  const { command, label: keys, ariaKeys, disabledReason } = useCommand(id);
  return (
    <Button
      aria-keyshortcuts={ariaKeys}
      disabledReason={disabledReason}
      look={look}
      size="small"
      title={`${command.title}${keys === undefined ? '' : ` (${keys})`}`}
      onClick={command.run}
    >
      {label ?? command.title}
      {keys !== undefined && <kbd className="key key-inline">{keys}</kbd>}
    </Button>
  );
}
