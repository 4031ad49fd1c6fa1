import { useStore } from 'zustand';
import { useCommand, useKeyboard } from '../../commands/keyboard.tsx';
import { useTick } from '../../components/use-tick.ts';
import { agentsInScope } from '../../stores/scope.ts';
import { useAgents, useConsole, useDesk, useView } from '../../stores/use-console.ts';
import { momentOf, secondOf } from '../../words/clock.ts';
import { duration } from '../../words/duration.ts';
import { exactly } from '../../words/quantity.ts';

/** The quiet truth at the bottom: what is connected, how old the data is, what comes in, what was done last. */
export function StatusBar() {
  const console = useConsole();
  const { pending } = useKeyboard();
  const agents = useAgents();
  const agentIds = useView((view) => view.agentIds);
  const lastAction = useView((view) => view.lastAction);
  const scoped = agentsInScope(agents, { agentIds });
  const connected = scoped.filter(({ saved }) => saved.connection.type === 'open');
  const sum = (of: 'accepted_per_second' | 'rejected_per_second') =>
    connected.reduce((total, agent) => total + (agent.health?.[of] ?? 0), 0);
  const rejected = sum('rejected_per_second');
  return (
    <footer
      className="flex items-center gap-4 overflow-hidden border-t border-line-1 bg-bg-1 px-3 text-xs whitespace-nowrap text-text-3 [grid-area:status]"
      data-status
    >
      <span className={connected.length < scoped.length ? 'text-p2' : ''}>
        {connected.length}/{scoped.length} clusters
      </span>
      <Remembered />
      <DataAge />
      <span>accepted {exactly(sum('accepted_per_second'))}/s</span>
      {rejected > 0 ? (
        <button
          className="h-full min-h-6 text-p2 underline underline-offset-2"
          type="button"
          onClick={() => console.go('sources')}
        >
          rejected {exactly(rejected)}/s
        </button>
      ) : (
        <span>rejected 0/s</span>
      )}
      <PendingCount />
      {lastAction !== null && <span className="truncate text-text-2">{lastAction}</span>}
      <div className="flex-1" />
      {pending !== null && (
        <span className="text-text-1">
          <kbd className="key">{pending.prefix}</kbd> …
        </span>
      )}
      <WallClock />
      <SheetButton />
    </footer>
  );
}

/** What has been done here and not been confirmed there; and that the last of it can be taken back. */
function PendingCount() {
  const pending = useDesk((desk) => desk.pending);
  const undoable = useDesk((desk) => desk.undoable !== null);
  const offered = useStore(useConsole().undoOffers.state, ({ offers }) => offers.length > 0);
  return (
    <>
      {pending > 0 && <span className="text-accent">{pending} pending</span>}
      {(undoable || offered) && (
        <span>
          <kbd className="key">z</kbd> undoes
        </span>
      )}
    </>
  );
}

/** What is shown of clusters that have not said a word since this console started. */
function Remembered() {
  const agents = useAgents();
  const clock = useView((view) => view.preferences.clock);
  const console = useConsole();
  const nowMs = useTick(console.now, 10_000);
  const kept = [...agents.values()].flatMap(({ saved, asOfMs }) =>
    asOfMs === null ? [] : [`${saved.code} as of ${momentOf(asOfMs, clock, nowMs)}`],
  );
  if (kept.length === 0) return null;
  return (
    <span className="truncate text-p2" role="status">
      {kept.slice(0, 2).join(', ')}
      {kept.length > 2 && ` and ${kept.length - 2} more`}: not heard since
    </span>
  );
}

function DataAge() {
  const console = useConsole();
  const agents = useAgents();
  const agentIds = useView((view) => view.agentIds);
  const nowMs = useTick(console.now, 1000);
  const ages = agentsInScope(agents, { agentIds })
    .map(({ saved }) => console.dataAgeMs(saved.agentId, nowMs))
    .filter((age) => age !== null);
  return <span>data age {ages.length === 0 ? '—' : duration(Math.max(...ages))}</span>;
}

function WallClock() {
  const console = useConsole();
  const { command, label } = useCommand('clock.toggle');
  const clock = useView((view) => view.preferences.clock);
  const nowMs = useTick(console.now, 500);
  return (
    <button
      className="h-full min-h-6 hover:text-text-1"
      title={`${command.title} (${label ?? ''})`}
      type="button"
      onClick={command.run}
    >
      {clock === 'utc' ? 'UTC' : 'Local'} <time className="text-text-2">{secondOf(nowMs, clock)}</time>
    </button>
  );
}

function SheetButton() {
  const { command } = useCommand('sheet.toggle');
  return (
    <button className="flex h-full min-h-6 items-center gap-1.5 hover:text-text-1" type="button" onClick={command.run}>
      <kbd className="key">?</kbd> All keys
    </button>
  );
}
