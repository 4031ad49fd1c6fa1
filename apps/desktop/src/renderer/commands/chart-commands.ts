import { SENSITIVITIES, type Sensitivity } from '@sentinellog/shared';
import { copyText } from '../components/copy-text.ts';
import type { Console } from '../stores/console.ts';
import { anomaliesInScope, sourcesInScope, type ScopedSource } from '../stores/scope.ts';
import { TIME_RANGES } from '../stores/time-range.ts';
import type { Command } from './command.ts';

/** Everything that can be done to time and to the chart by key (ux §2.3). */
export function chartCommands(console: Console): readonly Command[] {
  const view = () => console.view.getState();
  const agents = () => console.agents.getState().agents;
  const { brush } = console;
  const here = { group: 'Chart', context: 'heartbeat', when: () => !view().addingAgent } as const;
  const rows = () => console.panels.explain;

  return [
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
      ...here,
      group: 'Time',
      keys: ['Space'],
      run: () => {
        const { window } = view();
        if (window.type === 'fixed' && window.by !== 'hover') console.resume('key');
        else console.hold(console.agentIdsInScope(), 'key');
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
        ...here,
        keys: [keys],
        run: () => {
          console.chart?.moveCursor(buckets);
          brush.follow();
        },
      }),
    ),
    { id: 'anomaly.previous', title: 'Previous anomaly', ...here, keys: [','], run: () => stepAnomaly(console, 1) },
    { id: 'anomaly.next', title: 'Next anomaly', ...here, keys: ['.'], run: () => stepAnomaly(console, -1) },
    {
      id: 'series.previous',
      title: 'Previous service alone',
      ...here,
      keys: ['ArrowUp'],
      run: () => stepSource(console, sourcesInScope(agents(), view()), -1),
    },
    {
      id: 'series.next',
      title: 'Next service alone',
      ...here,
      keys: ['ArrowDown'],
      run: () => stepSource(console, sourcesInScope(agents(), view()), 1),
    },
    { id: 'brush.toggle', title: 'Start or end a range', ...here, keys: ['v'], run: () => brush.toggle() },
    {
      id: 'explain',
      title: 'Explain the range: what is it made of?',
      ...here,
      keys: ['e'],
      synonyms: ['why', 'spike', 'clusters', 'patterns'],
      disabledReason: () => (view().selection === null ? NOTHING_BRUSHED : null),
      run: () => explain(console),
    },
    {
      id: 'chart.enter',
      title: 'Explain, then go into the rows; apply a tried sensitivity',
      ...here,
      keys: ['Enter'],
      when: () => !view().addingAgent && (view().selection !== null || view().whatIf !== null),
      run: () => {
        if (rows()?.hasFocus() === true) rows()?.toggleSamples();
        else if (view().whatIf !== null) void applyWhatIf(console);
        else if (view().explaining && view().brushAnchorMs === null) rows()?.focus();
        else explain(console);
      },
    },
    {
      id: 'zoom.in',
      title: 'Zoom in, to the selection if there is one',
      ...here,
      keys: ['+'],
      run: () => {
        const { selection } = view();
        if (selection === null) console.zoomIn(console.agentIdsInScope(), console.chart?.cursorMs() ?? null);
        else {
          brush.zoomTo(selection);
          brush.select(null);
        }
      },
    },
    {
      id: 'zoom.back',
      title: 'Back to the zoom before',
      ...here,
      keys: ['-'],
      disabledReason: () => (view().zoomStack.length === 0 ? 'nothing is zoomed' : null),
      run: () => console.zoomBack(),
    },
    { id: 'zoom.reset', title: 'Whole range', ...here, keys: ['0'], run: () => console.goLive() },
    ...SENSITIVITIES.map(
      (sensitivity, i): Command => ({
        id: `whatIf.${sensitivity}`,
        title: `Try sensitivity ${sensitivity} on the chart`,
        ...here,
        keys: [`${i + 1}`],
        synonyms: ['what if', 'threshold', 'sigma'],
        disabledReason: () => (whatIfSource(console) === null ? 'choose one service first (↑ ↓)' : null),
        run: () => tryOut(console, sensitivity),
      }),
    ),
    {
      id: 'chart.describe',
      title: 'Speak a summary of the chart',
      ...here,
      keys: ['d'],
      run: () => console.announce(console.describeChart()),
    },
    {
      id: 'chart.table',
      title: 'Numbers as a table',
      ...here,
      keys: ['Shift+D'],
      run: () => console.patchView({ tableOpen: !view().tableOpen }),
    },
    {
      id: 'chart.sound',
      title: 'Play the chart as sound, or stop it',
      ...here,
      keys: ['Shift+P'],
      synonyms: ['listen', 'sonify', 'audio'],
      run: () => void playChart(console),
    },
    {
      id: 'chart.link',
      title: 'Copy a link to what the chart shows',
      ...here,
      keys: ['y'],
      synonyms: ['share', 'deep link'],
      run: () => void copyViewLink(console),
    },

    {
      id: 'rows.down',
      title: 'Next pattern',
      ...onRows(console),
      keys: ['j'],
      run: () => rows()?.move(1),
    },
    { id: 'rows.up', title: 'Previous pattern', ...onRows(console), keys: ['k'], run: () => rows()?.move(-1) },
    {
      id: 'rows.filter',
      title: 'Show the lines of the pattern in the live feed',
      ...onRows(console),
      keys: ['f'],
      disabledReason: () => noRow(console),
      run: () => rows()?.filterFeed(),
    },
    {
      id: 'rows.silence',
      title: 'Silence the pattern until it gets worse',
      ...onRows(console),
      keys: ['s'],
      effect: 'reversible',
      scope: 'alert.write',
      synonyms: ['mute'],
      disabledReason: () => noRow(console),
      run: () => rows()?.silence(),
    },
    {
      id: 'rows.open',
      title: 'Open the page of the pattern',
      ...onRows(console),
      keys: ['o'],
      disabledReason: () => noRow(console),
      run: () => rows()?.openTemplate(),
    },
    {
      id: 'rows.rerank',
      title: 'Put the patterns in their new order',
      ...onRows(console),
      keys: ['r'],
      run: () => rows()?.rerank(),
    },
    {
      id: 'rows.order',
      title: 'Biggest or rarest patterns first',
      ...onRows(console),
      keys: ['b'],
      run: () => rows()?.toggleOrder(),
    },
    {
      id: 'rows.reference',
      title: 'Compare with the time before, another cluster, or what is usual',
      ...onRows(console),
      keys: ['c'],
      synonyms: ['baseline', 'against', 'other agent'],
      run: () => rows()?.nextReference(),
    },
  ];
}

const NOTHING_BRUSHED = 'brush a range first: drag over the chart, or v and the arrow keys';

const CURSOR_MOVES = [
  { id: 'cursor.left', title: 'Cursor one step back', keys: 'ArrowLeft', buckets: -1 },
  { id: 'cursor.right', title: 'Cursor one step on', keys: 'ArrowRight', buckets: 1 },
  { id: 'cursor.left10', title: 'Cursor ten steps back', keys: 'Shift+ArrowLeft', buckets: -10 },
  { id: 'cursor.right10', title: 'Cursor ten steps on', keys: 'Shift+ArrowRight', buckets: 10 },
  { id: 'cursor.home', title: 'Cursor to the oldest', keys: 'Home', buckets: Number.NEGATIVE_INFINITY },
  { id: 'cursor.end', title: 'Cursor to the newest', keys: 'End', buckets: Number.POSITIVE_INFINITY },
] as const;

/** The Explain panel's keys are nobody's while it is not there. */
function onRows(console: Console) {
  return { group: 'Patterns', context: 'heartbeat', when: () => console.panels.explain !== null } as const;
}

function noRow(console: Console): string | null {
  return console.panels.explain?.chosen() == null ? 'no pattern is chosen (Enter, then j and k)' : null;
}

function explain(console: Console): void {
  console.patchView({ brushAnchorMs: null });
  console.brush.explain();
}

/** The one service whose sensitivity can be tried: the one alone on the chart, or the only one in scope. */
function whatIfSource(console: Console): ScopedSource | null {
  const { isolated } = console.view.getState();
  const shown = sourcesInScope(console.agents.getState().agents, console.view.getState());
  const alone = shown.find(({ ref }) => ref.agentId === isolated?.agentId && ref.sourceId === isolated.sourceId);
  return alone ?? (shown.length === 1 ? (shown[0] ?? null) : null);
}

function tryOut(console: Console, sensitivity: Sensitivity): void {
  const source = whatIfSource(console);
  if (source === null) return;
  console.isolate(source.ref);
  const isBack = console.view.getState().whatIf === sensitivity;
  console.patchView({ whatIf: isBack ? null : sensitivity });
  console.announce(
    isBack ? 'Back to the threshold that is set' : `Trying ${sensitivity}: Enter applies it, Escape reverts`,
  );
}

async function applyWhatIf(console: Console): Promise<void> {
  const { whatIf, isolated } = console.view.getState();
  if (whatIf === null || isolated === null) return;
  const before = console.agent(isolated.agentId)?.sources.get(isolated.sourceId)?.sensitivity;
  console.patchView({ whatIf: null });
  if (before === undefined || before === whatIf) return;
  const { setSensitivity } = await import('../stores/set-sensitivity.ts');
  await setSensitivity(console, isolated, before, whatIf);
}

async function playChart(console: Console): Promise<void> {
  const { chart } = console;
  if (chart === null) return;
  const { chartSound } = await import('../charts/chart-sound.ts');
  console.announce(chartSound.toggle(chart.values()));
}

async function copyViewLink(console: Console): Promise<void> {
  const { viewLink } = await import('../stores/view-link.ts');
  const link = viewLink(console.view.getState(), console.bridge.platform, location.origin);
  console.announce(copyText(link) ? 'Link copied' : 'Nothing could be copied here');
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
