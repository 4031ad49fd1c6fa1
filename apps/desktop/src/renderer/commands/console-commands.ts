import type { Console } from '../stores/console.ts';
import { agentsInScope, anomaliesInScope, sourcesInScope, type ScopedSource } from '../stores/scope.ts';
import { TIME_RANGES } from '../stores/time-range.ts';
import type { ViewName } from '../stores/view-store.ts';
import { LATER_RELEASE, type Command } from './command.ts';
import { incidentCommands } from './incident-commands.ts';
import { focusNotification, movePane } from './panes.ts';
import { viewCommands, wallboardCommand } from './view-commands.ts';

/** Everything that can be done by key in this release, in the order of the `?` sheet. */
export function createCommands(console: Console): readonly Command[] {
  const view = () => console.view.getState();
  const agents = () => console.agents.getState().agents;
  const agentIds = () => agentsInScope(agents(), view()).map(({ saved }) => saved.agentId);
  const onHeartbeat = { context: 'heartbeat', when: () => !view().addingAgent } as const;
  const chart = () => console.chart;
  const desktopOnly = () => (console.bridge.platform === 'browser' ? 'only the desktop app has more windows' : null);

  return [
    goTo(console, 'batcave', 'Batcave', 'g b', 'Mod+1'),
    goTo(console, 'heartbeat', 'Heartbeat', 'g h', 'Mod+2'),
    goTo(console, 'incidents', 'Incidents', 'g i', 'Mod+3'),
    goTo(console, 'map', 'Health map', 'g m', 'Mod+5'),
    goTo(console, 'timeline', 'Timeline', 'g t', 'Mod+6'),
    goTo(console, 'rules', 'Rules', 'g r', 'Mod+7'),
    goTo(console, 'automation', 'Automation', 'g a', 'Mod+8'),
    goTo(console, 'sources', 'Sources and setup', 'g s'),
    goTo(console, 'setup', 'Set up in three steps', 'g w'),
    goTo(console, 'settings', 'Settings', 'g ,', 'Mod+,'),
    goTo(console, 'help', 'Help and practice', 'g ?', 'F1'),
    ...LATER_VIEWS.map(
      ({ id, title, keys }): Command => ({
        id: `go.${id}`,
        title,
        group: 'Go to',
        keys: [keys],
        disabledReason: () => LATER_RELEASE,
        run: () => undefined,
      }),
    ),
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

    ...TIME_RANGES.map(
      (range, i): Command => ({
        id: `range.${range.id}`,
        title: `Show the ${range.words}`,
        group: 'Time',
        keys: [`t ${i + 1}`],
        run: () => console.setRange(range.id),
      }),
    ),
    {
      id: 'hold.toggle',
      title: 'Hold or resume the chart',
      group: 'Time',
      keys: ['Space'],
      ...onHeartbeat,
      run: () => {
        const { window } = view();
        if (window.type === 'fixed' && window.by !== 'hover') console.resume('key');
        else console.hold(agentIds(), 'key');
      },
    },
    { id: 'live', title: 'Back to live', group: 'Time', keys: ['Shift+L'], run: () => console.goLive() },
    {
      id: 'clock.toggle',
      title: 'Switch between UTC and local time',
      group: 'Time',
      keys: ['u'],
      run: () => {
        const clock = view().preferences.clock === 'utc' ? 'local' : 'utc';
        console.setPreference({ clock });
        console.announce(clock === 'utc' ? 'Times in UTC' : 'Times in local time');
      },
    },
    {
      id: 'refresh',
      title: 'Refresh, and retry what is not connected',
      group: 'Time',
      keys: ['Shift+R'],
      run: () => void console.refresh(),
    },

    ...CURSOR_MOVES.map(
      ({ id, title, keys, buckets }): Command => ({
        id,
        title,
        group: 'Chart',
        keys: [keys],
        ...onHeartbeat,
        run: () => chart()?.moveCursor(buckets),
      }),
    ),
    {
      id: 'anomaly.previous',
      title: 'Previous anomaly',
      group: 'Chart',
      keys: [','],
      ...onHeartbeat,
      run: () => stepAnomaly(console, 1),
    },
    {
      id: 'anomaly.next',
      title: 'Next anomaly',
      group: 'Chart',
      keys: ['.'],
      ...onHeartbeat,
      run: () => stepAnomaly(console, -1),
    },
    {
      id: 'series.previous',
      title: 'Previous service alone',
      group: 'Chart',
      keys: ['ArrowUp'],
      ...onHeartbeat,
      run: () => stepSource(console, sourcesInScope(agents(), view()), -1),
    },
    {
      id: 'series.next',
      title: 'Next service alone',
      group: 'Chart',
      keys: ['ArrowDown'],
      ...onHeartbeat,
      run: () => stepSource(console, sourcesInScope(agents(), view()), 1),
    },
    {
      id: 'zoom.in',
      title: 'Zoom in, to the selection if there is one',
      group: 'Chart',
      keys: ['+'],
      ...onHeartbeat,
      run: () => {
        const { selection } = view();
        if (selection === null) console.zoomIn(agentIds(), chart()?.cursorMs() ?? null);
        else {
          console.zoomTo(selection);
          console.patchView({ selection: null });
        }
      },
    },
    {
      id: 'zoom.back',
      title: 'Back to the zoom before',
      group: 'Chart',
      keys: ['-'],
      ...onHeartbeat,
      disabledReason: () => (view().zoomStack.length === 0 ? 'nothing is zoomed' : null),
      run: () => console.zoomBack(),
    },
    {
      id: 'zoom.reset',
      title: 'Whole range',
      group: 'Chart',
      keys: ['0'],
      ...onHeartbeat,
      run: () => console.goLive(),
    },
    {
      id: 'chart.describe',
      title: 'Speak a summary of the chart',
      group: 'Chart',
      keys: ['d'],
      ...onHeartbeat,
      run: () => console.announce(console.describeChart()),
    },
    {
      id: 'chart.table',
      title: 'Numbers as a table',
      group: 'Chart',
      keys: ['Shift+D'],
      ...onHeartbeat,
      run: () => console.patchView({ tableOpen: !view().tableOpen }),
    },

    ...incidentCommands(console),
    ...viewCommands(console),

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
      id: 'window.wallboard',
      title: 'Open the wallboard',
      group: 'Window',
      keys: ['Mod+Shift+W'],
      disabledReason: desktopOnly,
      run: () => void console.openWindow({ kind: 'wallboard' }),
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

export const LATER_VIEWS = [{ id: 'feed', title: 'Live feed', keys: 'g l' }] as const;

const CURSOR_MOVES = [
  { id: 'cursor.left', title: 'Cursor one step back', keys: 'ArrowLeft', buckets: -1 },
  { id: 'cursor.right', title: 'Cursor one step on', keys: 'ArrowRight', buckets: 1 },
  { id: 'cursor.left10', title: 'Cursor ten steps back', keys: 'Shift+ArrowLeft', buckets: -10 },
  { id: 'cursor.right10', title: 'Cursor ten steps on', keys: 'Shift+ArrowRight', buckets: 10 },
  { id: 'cursor.home', title: 'Cursor to the oldest', keys: 'Home', buckets: Number.NEGATIVE_INFINITY },
  { id: 'cursor.end', title: 'Cursor to the newest', keys: 'End', buckets: Number.POSITIVE_INFINITY },
] as const;

function goTo(console: Console, view: ViewName, title: string, ...keys: string[]): Command {
  return { id: `go.${view}`, title, group: 'Go to', keys, run: () => console.go(view) };
}

/** `1` is back in time: the list runs from the newest to the oldest. */
function stepAnomaly(console: Console, step: 1 | -1): void {
  const view = console.view.getState();
  const list = anomaliesInScope(console.agents.getState().agents, view, console.rangeStartMs(console.now())).filter(
    ({ anomaly }) => anomaly.signal === view.signal,
  );
  if (list.length === 0) {
    console.announce('No anomaly in this range');
    return;
  }
  const at = list.findIndex(({ anomaly }) => anomaly.event_id === view.anomaly?.eventId);
  const first = step === 1 ? 0 : list.length - 1;
  const next = at === -1 ? first : Math.min(list.length - 1, Math.max(0, at + step));
  const { anomaly, agent } = list[next]!;
  console.select({ agentId: agent.saved.agentId, eventId: anomaly.event_id });
  console.announce(`${anomaly.severity} ${anomaly.service}, ${anomaly.reason}`);
}

function stepSource(console: Console, sources: readonly ScopedSource[], step: 1 | -1): void {
  if (sources.length === 0) return;
  const { isolated } = console.view.getState();
  const at = sources.findIndex(({ ref }) => ref.agentId === isolated?.agentId && ref.sourceId === isolated.sourceId);
  const from = at === -1 && step === -1 ? 0 : at;
  const next = sources[(from + step + sources.length) % sources.length]!;
  console.isolate(next.ref);
  console.announce(`${next.source.service} alone`);
}

/** Popover, then sheet, selection, inspector, single service: whatever is the innermost. */
function stepOut(console: Console): void {
  const {
    scopeOpen,
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
  } = console.view.getState();
  if (palette !== null) console.patchView({ palette: null });
  else if (console.incidents.view.getState().question !== null) console.incidents.ask(null);
  else if (guardNotice !== null) console.patchView({ guardNotice: null });
  else if (sheetOpen) console.patchView({ sheetOpen: false });
  else if (scopeOpen) console.patchView({ scopeOpen: false });
  else if (addingAgent) console.patchView({ addingAgent: false });
  else if (wallboard) console.patchView({ wallboard: false });
  else if (console.viewKeys['escape'] !== undefined) console.viewKeys['escape']();
  else if (console.view.getState().view === 'incidents') stepOutOfIncidents(console);
  else if (selection !== null) console.patchView({ selection: null });
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
