import { useState } from 'react';
import { useStore } from 'zustand';
import { Button } from '../../components/button.tsx';
import { Notice } from '../../components/notice.tsx';
import type { AgentView } from '../../stores/agents-state.ts';
import { useConsole } from '../../stores/use-console.ts';
import { visibleText } from '../../words/visible-text.ts';
import type { SetupGuide } from './setup-guide.ts';
import { StepPanel } from './step-panel.tsx';
import { webhookProblem } from './webhook-problem.ts';

interface SlackStepProps {
  readonly agent: AgentView;
  readonly guide: SetupGuide;
}

/** Paste, test, done; or later. */
export function SlackStep({ agent, guide }: SlackStepProps) {
  const console = useConsole();
  const { busy, slack, channelId } = useStore(guide.state);
  const [url, setUrl] = useState('');
  const problem = url.trim() === '' ? null : webhookProblem(url.trim());
  const finish = () => {
    guide.finish();
    console.go('heartbeat');
  };
  return (
    <StepPanel title="Tell Slack">
      <p className="text-sm text-text-2">
        An incoming webhook of Slack is enough to be told. Buttons to acknowledge need a Slack app, which can come later
        under channels.
      </p>
      <div className="flex flex-col gap-1.5">
        <label className="text-sm font-medium" htmlFor="slack-webhook">
          Webhook
        </label>
        <input
          aria-describedby="slack-webhook-hint"
          aria-invalid={problem !== null}
          autoComplete="off"
          className="field font-mono"
          id="slack-webhook"
          inputMode="url"
          placeholder="https://hooks.slack.com/services/…"
          spellCheck={false}
          type="text"
          value={url}
          onChange={(event) => {
            setUrl(event.target.value);
            guide.forgetChannel();
          }}
        />
        <p className={`text-xs ${problem === null ? 'text-text-3' : 'text-p2'}`} id="slack-webhook-hint">
          {problem ?? 'It is a secret: the agent keeps it and never shows it again.'}
        </p>
      </div>
      <Preview />
      {slack !== null && (
        <Notice tone={slack.ok ? 'quiet' : 'bad'}>
          {slack.ok ? '✓ The test message has arrived. ' : 'The test message did not arrive. '}
          {visibleText(slack.detail)}
        </Notice>
      )}
      <div className="flex items-center gap-2">
        <Button
          disabledReason={whyNotTest(agent, url, problem)}
          look={slack?.ok === true ? 'plain' : 'primary'}
          size="large"
          onClick={() => void guide.testSlack(url.trim())}
        >
          {busy ? 'Sending…' : channelId === null ? 'Save and send a test' : 'Send the test again'}
        </Button>
        {slack?.ok === true ? (
          <Button look="primary" size="large" onClick={finish}>
            Finish
          </Button>
        ) : (
          <Button size="large" onClick={finish}>
            Skip, finish later
          </Button>
        )}
      </div>
      <p className="text-xs text-text-3">
        Learning begins with the first line: the expected band appears after 30 minutes and is full after 24 hours.
        Until then few things can be told.
      </p>
    </StepPanel>
  );
}

/** What a message will look like there. */
function Preview() {
  return (
    <figure className="rounded-md border border-line-1 bg-bg-0 p-3 text-sm">
      <figcaption className="mb-1.5 text-xs text-text-3">A message will look like this</figcaption>
      <p className="border-l-4 border-p1 pl-3">
        <strong className="font-semibold">P1 payment-service: 14.2σ above normal</strong>
        <br />
        <span className="text-text-2">
          4,212 lines/s, expected 980 to 1,210, for 3 m. First mover: payment-service.
        </span>
      </p>
    </figure>
  );
}

function whyNotTest({ saved: { connection } }: AgentView, url: string, problem: string | null): string | null {
  if (url.trim() === '') return 'paste a webhook first';
  if (problem !== null) return problem;
  if (connection.type !== 'open') return 'the agent is not connected';
  return connection.scopes.includes('policy.write') ? null : 'needs policy.write';
}
