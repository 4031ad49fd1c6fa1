/** Where a command lives in the sheet; the current context is shown first. */
export const COMMAND_GROUPS = ['Go to', 'Time', 'Chart', 'Window'] as const;
export type CommandGroup = (typeof COMMAND_GROUPS)[number];

/**
 * Something that can be done, said once: keys, tooltips, `aria-keyshortcuts` and the `?` sheet all come from here, so
 * that they cannot drift apart.
 */
export interface Command {
  readonly id: string;
  readonly title: string;
  readonly group: CommandGroup;
  /** Key sequences such as `g h`, `Shift+L`, `Mod+\`; the first is the one that is shown. */
  readonly keys: readonly string[];
  /** False where the key belongs to nobody right now; it then falls through to the page. */
  readonly when?: () => boolean;
  /** Why it cannot be done at the moment; null when it can. A disabled command stays visible and says this. */
  readonly disabledReason?: () => string | null;
  readonly run: () => void;
}

export const LATER_RELEASE = 'comes with a later release';
