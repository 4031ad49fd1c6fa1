import { useEffect, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { SeverityBadge } from '../../components/severity-badge.tsx';
import { useKeyboard } from '../../commands/keyboard.tsx';
import { useAgents, useConsole } from '../../stores/use-console.ts';
import { CommandButton } from '../shell/command-button.tsx';
import { ViewTitle } from '../shell/view-title.tsx';
import { PRACTICE, practised, type PracticeState } from './practice.ts';

/** How to find one's way: a short practice that touches nothing, the keys, the words, and what to send when it is stuck. */
export function HelpView() {
  return (
    <div className="h-full overflow-y-auto p-6" role="region" aria-label="Help" tabIndex={0}>
      <div className="mx-auto flex max-w-[760px] flex-col gap-5">
        <header className="flex flex-col gap-1">
          <ViewTitle className="text-xl font-semibold">Help</ViewTitle>
          <p className="text-base text-text-2">
            SentinelLog learns how each service usually logs, and says when that breaks. You need four keys to begin.
          </p>
        </header>
        <Practice />
        <section className="rounded-lg border border-line-1 bg-bg-1 p-4">
          <h2 className="mb-2 text-sm font-semibold">Find anything</h2>
          <div className="flex flex-wrap gap-2">
            <CommandButton id="sheet.toggle" label="All keys" />
            <CommandButton id="palette.open" label="Search or run" />
            <CommandButton id="go.settings" label="Change keys" />
            <CommandButton id="wallboard.toggle" label="Wallboard" />
          </div>
        </section>
        <section className="rounded-lg border border-line-1 bg-bg-1 p-4">
          <h2 className="mb-2 text-sm font-semibold">Words</h2>
          <dl className="grid grid-cols-[110px_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-sm">
            {WORDS.map(([word, meaning]) => (
              <div className="contents" key={word}>
                <dt className="font-medium text-text-1">{word}</dt>
                <dd className="text-text-2">{meaning}</dd>
              </div>
            ))}
          </dl>
        </section>
        <Diagnostics />
      </div>
    </div>
  );
}

const WORDS = [
  [
    'Heartbeat',
    'How many lines a service logs each second, with the band in which that is usual for the hour of the week.',
  ],
  [
    'σ (sigma)',
    'How far outside: 3σ is three times the usual scatter. P1 from 5σ, P2 from 3.5σ, P3 from 2.5σ, P4 from 2σ.',
  ],
  ['Sensitivity', 'From how many σ a source fires. Low (5σ) can only ever give P1; Medium (3σ) never gives P4.'],
  ['Incident', 'Anomalies that belong together, as one thing to take care of.'],
  ['Silence', 'Nobody is told until a time, or until it gets worse; it is still counted.'],
  ['STALE', 'The newest line is older than 15 seconds: what you see is the past, and it is never shown as zero.'],
] as const;

/** Twenty seconds with a made-up incident: nothing of it leaves this page. */
function Practice() {
  const console = useConsole();
  const { commands } = useKeyboard();
  const [state, setState] = useState<PracticeState>({ step: 0, incident: 'OPEN' });
  const [started, setStarted] = useState(false);
  const isOver = state.step >= PRACTICE.length;
  useEffect(() => {
    if (isOver || !started) return undefined;
    // Before the console's own keys: here they mean the made-up incident.
    const onKey = (event: KeyboardEvent) => {
      if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      const next = practised(state, event.key);
      if (next === null) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      setState(next);
      console.announce(PRACTICE[next.step]?.ask ?? 'That is all of it');
    };
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, [console, isOver, started, state]);
  const labelOf = (id: string) => commands.find((command) => command.id === id)?.keys[0];
  return (
    <section aria-labelledby="practice-title" className="rounded-lg border border-accent/50 bg-bg-1 p-4">
      <h2 className="mb-1 text-sm font-semibold" id="practice-title">
        Practice, 20 seconds
      </h2>
      <p className="mb-3 text-xs text-text-3">A made-up incident. Nothing that you press here reaches an agent.</p>
      <div className="flex h-9 items-center gap-3 rounded-md border border-line-1 bg-bg-0 px-3 text-sm">
        <SeverityBadge calm={state.incident === 'RESOLVED'} severity="P1">
          14.2σ
        </SeverityBadge>
        <span className="min-w-0 flex-1 truncate">payment-service: lines 14.2σ above normal</span>
        <span className={state.incident === 'OPEN' ? 'text-p1' : 'text-ok'}>{state.incident.toLowerCase()}</span>
      </div>
      <ol className="mt-3 flex flex-col gap-1 text-sm" role="list">
        {PRACTICE.map(({ ask, key, commandId }, i) => (
          <li
            aria-current={i === state.step ? 'step' : undefined}
            className={`flex items-center gap-2 ${i === state.step ? 'text-text-1' : 'text-text-3'}`}
            key={ask}
          >
            <span className={`w-4 text-center ${i < state.step ? 'text-ok' : ''}`}>{i < state.step ? '✓' : i + 1}</span>
            {ask} <kbd className="key">{key}</kbd>
            {labelOf(commandId) !== key && <span className="text-xs">(yours: {labelOf(commandId) ?? 'none'})</span>}
          </li>
        ))}
      </ol>
      {!started && (
        <Button className="mt-3" look="primary" size="small" onClick={() => setStarted(true)}>
          Start
        </Button>
      )}
      {isOver && (
        <p className="mt-3 flex items-center gap-3 text-sm text-ok" role="status">
          That is all of it: n goes to the worst, a takes it, z takes anything back.
          <Button size="small" onClick={() => setState({ step: 0, incident: 'OPEN' })}>
            Again
          </Button>
        </p>
      )}
    </section>
  );
}

/** What helps somebody else to help: versions and states, no addresses, no log text, no secrets. */
function Diagnostics() {
  const console = useConsole();
  const agents = useAgents();
  const lines = [
    `console ${console.bridge.version} (${console.bridge.platform})`,
    navigator.userAgent,
    ...[...agents.values()].map(
      ({ saved, health, info }) =>
        `${saved.code}: ${saved.connection.type}, agent ${info?.version ?? 'unknown'}, ${health?.sources ?? 0} sources, ${health?.accepted_per_second ?? 0}/s, degraded: ${health?.degraded.join('; ') || 'no'}`,
    ),
  ];
  return (
    <section className="rounded-lg border border-line-1 bg-bg-1 p-4">
      <h2 className="mb-1 text-sm font-semibold">Report a problem</h2>
      <p className="mb-2 text-xs text-text-3">Versions and states only: no addresses, no log lines, no tokens.</p>
      <pre className="mb-2 overflow-x-auto rounded-md bg-bg-0 p-2 font-mono text-xs leading-5" tabIndex={0}>
        {lines.join('\n')}
      </pre>
      <CopyButton label="Copy diagnostics" text={lines.join('\n')} />
    </section>
  );
}
