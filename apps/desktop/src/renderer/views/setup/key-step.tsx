import { useStore } from 'zustand';
import { Button } from '../../components/button.tsx';
import { ChoiceBar } from '../../components/choice-bar.tsx';
import { copyText } from '../../components/copy-text.ts';
import type { AgentView } from '../../stores/agents-state.ts';
import { useConsole } from '../../stores/use-console.ts';
import { visibleText } from '../../words/visible-text.ts';
import type { SetupGuide } from './setup-guide.ts';
import { StepPanel } from './step-panel.tsx';

interface KeyStepProps {
  readonly agent: AgentView;
  readonly agents: readonly AgentView[];
  readonly guide: SetupGuide;
}

/** One button: the key is made, copied and shown in the next step, where it is needed. */
export function KeyStep({ agent, agents, guide }: KeyStepProps) {
  const console = useConsole();
  const { busy, key } = useStore(guide.state);
  const make = async () => {
    const made = await guide.makeKey(keyName(agent));
    if (made === null) return;
    if (copyText(made)) console.announce('The key is copied');
    // On the first screen the setup would give way to the chart as soon as a line arrives, and Slack with it.
    if (console.view.getState().view !== 'setup') console.go('setup');
  };
  return (
    <StepPanel title="Generate a key">
      <p className="text-sm text-text-2">
        Whoever sends logs to <strong className="font-semibold text-text-1">{visibleText(agent.saved.name)}</strong>{' '}
        shows an ingest key. It can send and nothing else. The agent keeps a hash of it, so it is shown once.
      </p>
      {agents.length > 1 && (
        <ChoiceBar
          choices={agents.map(({ saved }) => ({ value: saved.agentId, label: saved.code }))}
          label="Cluster"
          value={agent.saved.agentId}
          onChange={(agentId) => guide.choose(agentId)}
        />
      )}
      <div className="flex items-center gap-3">
        <Button disabledReason={whyNot(agent)} look="primary" size="large" onClick={() => void make()}>
          {busy ? 'Making a key…' : key === null ? 'Generate key' : 'Generate another key'}
        </Button>
        <p className="text-xs text-text-3">
          {whyNot(agent) ?? `Named “${visibleText(keyName(agent))}”; it can be revoked at any time.`}
        </p>
      </div>
    </StepPanel>
  );
}

function keyName({ saved }: AgentView): string {
  return `${saved.name} (console)`.slice(0, 100);
}

function whyNot({ saved: { connection } }: AgentView): string | null {
  if (connection.type !== 'open') return 'The agent is not connected.';
  return connection.scopes.includes('admin')
    ? null
    : 'Making keys needs the role admin: ask for a key, or run sentinellog keys create there.';
}
