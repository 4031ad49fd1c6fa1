import { useEffect, useRef } from 'react';
import { useTick } from '../../components/use-tick.ts';
import { freshnessOfAll, type Freshness } from '../../../bridge/freshness.ts';
import { freshnessWords, type Tone } from '../../stores/freshness.ts';
import { agentsInScope, anomaliesInScope } from '../../stores/scope.ts';
import { useAgents, useConsole, useView } from '../../stores/use-console.ts';

/** A state that lasts this long is worth a word. */
const STABLE_MS = 2000;

const TONES: Readonly<Record<Tone, string>> = {
  good: 'border-ok/60 text-ok',
  quiet: 'border-line-2 text-quiet',
  warn: 'border-p2/70 text-p2',
  bad: 'border-p1 text-p1',
};

/** How fresh everything on the screen is: mark, word and age, in one place for the whole console. */
export function FreshnessChip() {
  const console = useConsole();
  const agents = useAgents();
  const agentIds = useView((view) => view.agentIds);
  const window = useView((view) => view.window);
  const clock = useView((view) => view.preferences.clock);
  const nowMs = useTick(console.now, 500);

  const scoped = agentsInScope(agents, { agentIds });
  const hold =
    window.type === 'live'
      ? null
      : {
          sinceMs: window.sinceMs,
          newAnomalies: anomaliesInScope(agents, { agentIds, services: null }, window.sinceMs).filter(
            ({ anomaly }) => anomaly.detected_at_ms > window.sinceMs,
          ).length,
        };
  const freshness = freshnessOfAll(
    scoped.map((agent) => console.pulse(agent, nowMs)),
    hold,
    nowMs,
  );
  const { mark, word, detail, tone } = freshnessWords(freshness, clock);
  useSpokenState(freshness, word);
  const action = actionOf(freshness);
  const reason = 'reason' in freshness ? `: ${freshness.reason}` : '';
  const press = () => {
    if (action === 'retry') void console.refresh();
    else console.goLive();
  };
  return (
    <button
      className={`inline-flex h-7 max-w-72 min-w-0 items-center gap-1.5 rounded-md border px-2.5 text-xs whitespace-nowrap hover:bg-hover ${TONES[tone]}`}
      data-freshness={freshness.type}
      title={`${word}${reason}${action === null ? '' : `. Press to ${WORDS[action]} (${KEYS[action]})`}`}
      type="button"
      onClick={press}
    >
      <span aria-hidden="true" className={freshness.type === 'held' ? 'text-[9px] tracking-tight' : ''}>
        {mark}
      </span>
      <strong className="font-semibold">{word}</strong>{' '}
      {detail !== '' && <span className="truncate text-text-2">{detail}</span>}
      {action !== null && <span className="sr-only">, press to {WORDS[action]}</span>}
    </button>
  );
}

type ChipAction = 'retry' | 'live';
const WORDS: Readonly<Record<ChipAction, string>> = { retry: 'retry now', live: 'go back to live' };
const KEYS: Readonly<Record<ChipAction, string>> = { retry: 'Shift+R', live: 'Shift+L' };

/** What a person would want who looks at the chip in this state. */
function actionOf({ type }: Freshness): ChipAction | null {
  if (type === 'held') return 'live';
  return type === 'reconnecting' || type === 'offline' || type === 'refused' ? 'retry' : null;
}

/** A change of state is said once, after it has lasted: a chip that flickers must not chatter (ux §5). */
function useSpokenState({ type }: Freshness, word: string): void {
  const console = useConsole();
  const spoken = useRef(type);
  useEffect(() => {
    const timer = setTimeout(() => {
      if (spoken.current === type) return;
      spoken.current = type;
      console.announce(word);
    }, STABLE_MS);
    return () => clearTimeout(timer);
  }, [console, type, word]);
}
