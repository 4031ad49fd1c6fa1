import type { Console } from '../stores/console.ts';
import type { ViewName } from '../stores/view-store.ts';
import type { Command } from './command.ts';

/** `[id, title, keys]`: what the view on the screen does itself; it says how by `console.attachKeys`. */
type Row = readonly [id: string, title: string, ...keys: string[]];

const ROWS: Readonly<Partial<Record<ViewName, readonly Row[]>>> = {
  map: [
    ['map.edges', 'Show or hide who calls whom', 'h'],
    ['map.table', 'Services as a table', 'Shift+D'],
  ],
  rules: [
    ['rules.next', 'Next row', 'j', 'ArrowDown'],
    ['rules.previous', 'Previous row', 'k', 'ArrowUp'],
    ['rules.toggle', 'Switch the rule on or off', 'Space'],
    ['rules.edit', 'Edit the rule', 'Enter'],
    ['rules.new', 'New rule', 'Mod+N'],
    ['rules.import', 'Import rules', 'Mod+O'],
    ['rules.export', 'Copy the rules as a document', 'Mod+E'],
    ['rules.dryRun', 'When would it have fired?', 'Mod+Enter'],
    ['rules.save', 'Save the rule', 'Mod+S'],
    ['rules.remove', 'Remove the rule', 'Delete'],
  ],
  automation: [
    ['automation.next', 'Next hook', 'j', 'ArrowDown'],
    ['automation.previous', 'Previous hook', 'k', 'ArrowUp'],
    ['automation.run', 'Run the hook', 'Enter'],
    ['automation.new', 'New hook', 'Mod+N'],
    ['automation.edit', 'Edit the hook', 'Shift+E'],
  ],
};
const CHANGES: ReadonlySet<string> = new Set(['rules.toggle', 'rules.save']);

/** Keys that mean something in one view only, and go to whatever that view has attached. */
export function viewCommands(console: Console): readonly Command[] {
  return Object.entries(ROWS).flatMap(([context, rows]) =>
    rows.map(
      ([id, title, ...keys]): Command => ({
        id,
        title,
        group: 'View',
        keys,
        context: context as ViewName,
        ...(CHANGES.has(id) ? { effect: 'reversible' } : {}),
        when: () => console.viewKeys[id] !== undefined,
        run: () => console.viewKeys[id]?.(),
      }),
    ),
  );
}
