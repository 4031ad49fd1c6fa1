import { useTick } from '../../components/use-tick.ts';
import { EmptyWords } from '../../components/empty-words.tsx';
import { LogText } from '../../components/log-text.tsx';
import { anomaliesInScope } from '../../stores/scope.ts';
import { useAgents, useConsole, useView } from '../../stores/use-console.ts';
import { secondOf } from '../../words/clock.ts';
import { exactly } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';
import { CavePanel } from './cave-panel.tsx';

/** More would be scrolled to by nobody in a panel of this size. */
const MAX_LINES = 60;
const TICK_MS = 2000;
const LEVELS: Readonly<Record<string, string>> = {
  fatal: 'text-lv-error',
  error: 'text-lv-error',
  warn: 'text-lv-warn',
  info: 'text-lv-info',
};

/** The newest lines that belong to an anomaly: of all that came, the ones that are worth a look. */
export function LinesPanel() {
  const console = useConsole();
  const agents = useAgents();
  const agentIds = useView((view) => view.agentIds);
  const services = useView((view) => view.services);
  const clock = useView((view) => view.preferences.clock);
  const nowMs = useTick(console.now, TICK_MS);
  const rate = [...agents.values()]
    .filter(({ saved }) => agentIds?.includes(saved.agentId) ?? true)
    .reduce((sum, { health }) => sum + (health?.accepted_per_second ?? 0), 0);
  const lines = anomaliesInScope(agents, { agentIds, services }, console.rangeStartMs(nowMs))
    .flatMap(({ anomaly, agent }) =>
      anomaly.raw_data_sample.map((line, i) => ({
        ...line,
        key: `${anomaly.event_id} ${i}`,
        ref: { agentId: agent.saved.agentId, eventId: anomaly.event_id },
        code: agent.saved.code,
        service: anomaly.service,
      })),
    )
    .toSorted((a, b) => b.at_ms - a.at_ms)
    .slice(0, MAX_LINES);
  return (
    <CavePanel fact={`${exactly(rate)}/s come in · these stood out`} place="lines" title="Lines">
      {lines.length === 0 ? (
        <EmptyWords title="No line stands out">
          Lines of anomalies are shown here. All lines are counted, and kept in the journal.
        </EmptyWords>
      ) : (
        <ol className="min-h-0 flex-1 overflow-y-auto py-1" tabIndex={0} aria-label="Lines of anomalies">
          {lines.map((line) => (
            <li key={line.key}>
              <button
                className="flex h-6 w-full min-w-0 items-center gap-2 px-2.5 text-left font-mono text-xs hover:bg-hover focus-visible:-outline-offset-2"
                title={visibleText(line.message)}
                type="button"
                onClick={() => {
                  console.select(line.ref);
                  console.go('heartbeat');
                }}
              >
                <time className="shrink-0 text-text-3">{secondOf(line.at_ms, clock)}</time>
                <span className="shrink-0 text-text-2">{line.code}</span>
                <span className="max-w-[15ch] shrink-0 truncate text-text-2">{visibleText(line.service)}</span>
                <span className={`shrink-0 ${LEVELS[line.level] ?? 'text-lv-debug'}`}>
                  {visibleText(line.level).toUpperCase()}
                </span>
                <span className="truncate text-text-1">
                  <LogText text={line.message} />
                </span>
              </button>
            </li>
          ))}
        </ol>
      )}
    </CavePanel>
  );
}
