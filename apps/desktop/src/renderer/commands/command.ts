import type { Scope } from '@sentinellog/shared';
import type { ViewName } from '../stores/view-store.ts';

/** Where a command lives in the sheet; the current context is shown first. */
export const COMMAND_GROUPS = [
  'Go to',
  'Incidents',
  'View',
  'Time',
  'Chart',
  'Patterns',
  'Live feed',
  'Window',
] as const;
export type CommandGroup = (typeof COMMAND_GROUPS)[number];

/**
 * Something that can be done, said once: keys, palette, tooltips, `aria-keyshortcuts` and the `?` sheet all come from
 * here, so that they cannot drift apart.
 */
export interface Command {
  readonly id: string;
  readonly title: string;
  readonly group: CommandGroup;
  /** Key sequences such as `g h`, `Shift+L`, `Mod+\`; the first is the one that is shown. */
  readonly keys: readonly string[];
  /** Other words that people type for it: `mute` for silence. */
  readonly synonyms?: readonly string[];
  /** The only view in which its keys mean this; absent: everywhere. Keys may be used again in another view. */
  readonly context?: ViewName;
  /** False where the key belongs to nobody right now; it then falls through to the page. */
  readonly when?: () => boolean;
  /** What it changes for others. Absent: nothing, and it may repeat while its key is held down. */
  readonly effect?: 'reversible' | 'irreversible';
  /** What the access token must allow. */
  readonly scope?: Scope;
  /** Why it cannot be done at the moment; null when it can. A disabled command stays visible and says this. */
  readonly disabledReason?: () => string | null;
  readonly run: () => void;
}
