import { useState } from 'react';
import { useStore } from 'zustand';
import { Button } from '../../components/button.tsx';
import { ChoiceBar } from '../../components/choice-bar.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { useTick } from '../../components/use-tick.ts';
import type { AgentView } from '../../stores/agents-state.ts';
import { useConsole } from '../../stores/use-console.ts';
import { stopwatch } from '../../words/duration.ts';
import { visibleText } from '../../words/visible-text.ts';
import { RejectionsPanel } from '../sources/rejections-panel.tsx';
import { SENDERS, senderText, type SenderId } from '../sources/senders.ts';
import type { SetupGuide } from './setup-guide.ts';
import { StepPanel } from './step-panel.tsx';

/** By then something is wrong, and it is nearly always one of three things. */
const CAUSES_AFTER_MS = 120_000;
/** What stands for the key until a person asks to see it. */
const MASK = '••••••••••••';

interface LogsStepProps {
  readonly agent: AgentView;
  readonly guide: SetupGuide;
}

/** What to paste, and what arrives: also what is turned away, which is what a first attempt mostly is. */
export function LogsStep({ agent, guide }: LogsStepProps) {
  const console = useConsole();
  const { key, listeningSinceMs, firstEventMs, busy } = useStore(guide.state);
  const [id, setId] = useState<SenderId>('curl');
  const [visible, setVisible] = useState(false);
  const nowMs = useTick(console.now, 1000);
  if (key === null) return null;
  const { text, note } = senderText(id, agent.saved.url, key.key);
  const shown = visible ? text : text.replaceAll(key.key, `${key.key.slice(0, 4)}${MASK}`);
  const waitedMs = nowMs - (listeningSinceMs ?? nowMs);
  const found = [...agent.sources.values()].toSorted((a, b) => b.first_seen_ms - a.first_seen_ms)[0];
  const since = listeningSinceMs ?? 0;
  const rejections = agent.rejections.filter(({ rejection }) => rejection.at_ms >= since - 60_000);
  return (
    <StepPanel title="Pipe logs">
      <div className="flex flex-col gap-3" data-setup-busy>
        <ChoiceBar
          choices={SENDERS.map(({ id: value, label }) => ({ value, label }))}
          label="Way of sending"
          value={id}
          onChange={setId}
        />
        <pre className="overflow-x-auto rounded-md bg-bg-0 p-3 font-mono text-xs leading-5 text-text-1" tabIndex={0}>
          {shown}
        </pre>
      </div>
      <div className="flex items-center gap-2">
        <CopyButton label="Copy with the key" text={text} />
        <Button aria-pressed={visible} size="small" onClick={() => setVisible(!visible)}>
          {visible ? 'Hide the key' : 'Show the key'}
        </Button>
        <Button size="small" onClick={() => void guide.sendTestLine()}>
          {busy ? 'Sending…' : 'Send a test line for me'}
        </Button>
      </div>
      <p className="text-xs text-text-3">{note} The key is copied already; it is not shown again after this setup.</p>
      <div
        className={`flex items-center gap-3 rounded-md border px-3 py-2.5 text-sm ${firstEventMs === null ? 'border-line-1 bg-bg-2 text-text-2' : 'border-ok/60 bg-bg-2 text-text-1'}`}
        role="status"
      >
        {firstEventMs === null ? (
          <>
            <span aria-hidden="true">◌</span> Listening… nothing under this key yet ({stopwatch(waitedMs)})
          </>
        ) : (
          <>
            <span aria-hidden="true" className="text-ok">
              ✓
            </span>
            <span className="min-w-0 flex-1">
              The first event has arrived and is on disk
              {found === undefined ? '' : `; the newest service is ${visibleText(found.service)}`}.
            </span>
            <Button look="primary" onClick={() => guide.go('slack')}>
              Next
            </Button>
          </>
        )}
      </div>
      {firstEventMs === null && waitedMs > CAUSES_AFTER_MS && rejections.length === 0 && (
        <ul className="list-disc pl-5 text-sm text-text-2">
          <li>The sender cannot reach {visibleText(agent.saved.url)}: try the curl line on its machine.</li>
          <li>A proxy or a firewall between the two answers in the agent's place.</li>
          <li>The sender collects lines and has not sent a batch yet: many wait for 30 seconds or a full buffer.</li>
        </ul>
      )}
      <RejectionsPanel agents={[{ ...agent, rejections, rejectionsSeen: rejections.length }]} />
    </StepPanel>
  );
}
