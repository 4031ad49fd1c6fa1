import type { Console } from '../stores/console.ts';
import type { ViewName } from '../stores/view-store.ts';
import { chartCommands } from './chart-commands.ts';
import type { Command } from './command.ts';
import { feedCommands } from './feed-commands.ts';
import { incidentCommands } from './incident-commands.ts';
import { focusNotification, movePane } from './panes.ts';
import { viewCommands } from './view-commands.ts';
import { leaveWallboard, wallboardCommand } from './wallboard-command.ts';

/** Everything that can be done by key in this release, in the order of the `?` sheet. */
export function createCommands(console: Console): readonly Command[] {
  const view = () => console.view.getState();
  const onHeartbeat = { context: 'heartbeat', when: () => !view().addingAgent } as const;
  const desktopOnly = () => (console.bridge.platform === 'browser' ? 'only the desktop app has more windows' : null);

  return [
    goTo(console, 'batcave', 'Batcave', 'g b', 'Mod+1'),
    goTo(console, 'heartbeat', 'Heartbeat', 'g h', 'Mod+2'),
    goTo(console, 'incidents', 'Incidents', 'g i', 'Mod+3'),
    goTo(console, 'feed', 'Live feed', 'g l', 'Mod+4'),
    goTo(console, 'map', 'Health map', 'g m', 'Mod+5'),
    goTo(console, 'templates', 'Patterns', 'g p'),
    goTo(console, 'timeline', 'Timeline', 'g t', 'Mod+6'),
    goTo(console, 'rules', 'Rules', 'g r', 'Mod+7'),
    goTo(console, 'automation', 'Automation', 'g a', 'Mod+8'),
    goTo(console, 'sources', 'Sources and setup', 'g s'),
    goTo(console, 'setup', 'Set up in three steps', 'g w'),
    goTo(console, 'settings', 'Settings', 'g ,', 'Mod+,'),
    goTo(console, 'help', 'Help and practice', 'g ?', 'F1'),
    { id: 'view.last', title: 'Last view', group: 'Go to', keys: ['`'], run: () => console.goAlong('last') },
    {
      id: 'view.back',
      title: 'Back',
      group: 'Go to',
      keys: ['[', 'Alt+ArrowLeft'],
      run: () => console.goAlong('back'),
    },
    {
      id: 'view.forward',
      title: 'Forward',
      group: 'Go to',
      keys: [']', 'Alt+ArrowRight'],
      run: () => console.goAlong('forward'),
    },
    {
      id: 'palette.open',
      title: 'Search or run …',
      group: 'Go to',
      keys: ['Mod+K'],
      run: () => console.patchView({ palette: '' }),
    },
    {
      id: 'palette.goTo',
      title: 'Go to …',
      group: 'Go to',
      keys: [':'],
      run: () => console.patchView({ palette: ':' }),
    },
    {
      id: 'scope.open',
      title: 'Choose clusters and services',
      group: 'Go to',
      keys: ['w'],
      run: () => console.patchView({ scopeOpen: !view().scopeOpen }),
    },

    ...chartCommands(console),
    ...incidentCommands(console),
    ...viewCommands(console),
    ...feedCommands(console),

    { id: 'pane.next', title: 'Next pane', group: 'Window', keys: ['F6'], run: () => movePane(1) },
    { id: 'pane.previous', title: 'Previous pane', group: 'Window', keys: ['Shift+F6'], run: () => movePane(-1) },
    {
      id: 'notification.focus',
      title: 'Focus the last notification',
      group: 'Window',
      keys: ['Mod+Shift+N'],
      run: () => {
        if (!focusNotification()) console.announce('There is no notification');
      },
    },
    {
      id: 'inspector.toggle',
      title: 'Show or hide the inspector',
      group: 'Window',
      keys: ['Mod+\\'],
      ...onHeartbeat,
      run: () => console.patchView({ inspectorOpen: !view().inspectorOpen }),
    },
    {
      id: 'window.popOut',
      title: 'Open this in a window of its own',
      group: 'Window',
      keys: ['Mod+Shift+Enter'],
      disabledReason: desktopOnly,
      run: () => void console.popOut(),
    },
    {
      id: 'sheet.toggle',
      title: 'All keys',
      group: 'Window',
      keys: ['?'],
      run: () => console.patchView({ sheetOpen: !view().sheetOpen }),
    },
    wallboardCommand(console),
    { id: 'escape', title: 'One level out', group: 'Window', keys: ['Escape'], run: () => stepOut(console) },
  ];
}

function goTo(console: Console, view: ViewName, title: string, ...keys: string[]): Command {
  return { id: `go.${view}`, title, group: 'Go to', keys, run: () => console.go(view) };
}

/** Popover, then sheet, selection, inspector, single service: whatever is the innermost. */
function stepOut(console: Console): void {
  const {
    scopeOpen,
    menuOpen,
    sheetOpen,
    palette,
    guardNotice,
    tableOpen,
    addingAgent,
    wallboard,
    selection,
    anomaly,
    isolated,
    window,
    view,
    whatIf,
  } = console.view.getState();
  if (palette !== null) console.patchView({ palette: null });
  else if (console.incidents.view.getState().question !== null) console.incidents.ask(null);
  else if (guardNotice !== null) console.patchView({ guardNotice: null });
  else if (sheetOpen) console.patchView({ sheetOpen: false });
  else if (scopeOpen) console.patchView({ scopeOpen: false });
  else if (menuOpen) console.patchView({ menuOpen: false });
  else if (addingAgent) console.patchView({ addingAgent: false });
  else if (wallboard) leaveWallboard(console);
  else if (console.viewKeys['escape'] !== undefined) console.viewKeys['escape']();
  else if (view === 'incidents') stepOutOfIncidents(console);
  else if (view === 'feed' && console.panels.feed?.stepOut() === true) return;
  else if (view === 'templates' && console.view.getState().template !== null) console.patchView({ template: null });
  else if (whatIf !== null) console.patchView({ whatIf: null });
  else if (console.panels.explain?.hasFocus() === true) console.chart?.focus();
  else if (selection !== null) console.brush.select(null);
  else if (console.chart?.cursorMs() != null) console.chart.clearCursor();
  else if (tableOpen) console.patchView({ tableOpen: false });
  else if (anomaly !== null) console.select(null);
  else if (isolated !== null) console.isolate(null);
  else if (window.type === 'fixed') console.goLive();
}

/** Detail, then selection, then filter, then the list's own place. */
function stepOutOfIncidents({ incidents }: Console): void {
  const { inbox } = incidents;
  const { selected, stickyFrom, filter } = inbox.state.getState();
  const list = document.getElementById('inbox');
  if (document.activeElement?.closest('#incident-detail, #view-filter') != null) list?.focus();
  else if (selected.size > 0 || stickyFrom !== null) inbox.clearSelection();
  else if (filter.severity !== null || filter.text !== '') inbox.setFilter({ severity: null, text: '' });
  else if (filter.tab !== 'review') inbox.setFilter({ tab: 'review' });
}
