import { useState } from 'react';
import { ChoiceBar } from '../../components/choice-bar.tsx';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Panel } from '../../components/panel.tsx';
import type { AgentView } from '../../stores/agents-state.ts';
import { useConsole } from '../../stores/use-console.ts';
import { SENDERS, senderText, type SenderId } from './senders.ts';

/** How to send the first line, with the agent's own address filled in. */
export function SendLogs({ agents }: { readonly agents: readonly AgentView[] }) {
  const console = useConsole();
  const [wanted, setWanted] = useState<string | null>(null);
  const [id, setId] = useState<SenderId>('curl');
  const agent = agents.find(({ saved }) => saved.agentId === wanted) ?? agents[0];
  if (agent === undefined) return null;
  const { text, note } = senderText(id, agent.saved.url, '$SENTINELLOG_KEY');
  return (
    <Panel
      fact={`to ${agent.saved.url}`}
      title="Send logs"
      tools={
        <ChoiceBar
          choices={SENDERS.map(({ id: value, label }) => ({ value, label }))}
          label="Way of sending"
          value={id}
          onChange={setId}
        />
      }
    >
      <div className="flex flex-col gap-3 p-3">
        {agents.length > 1 && (
          <ChoiceBar
            choices={agents.map(({ saved }) => ({ value: saved.agentId, label: saved.code }))}
            label="Cluster"
            value={agent.saved.agentId}
            onChange={setWanted}
          />
        )}
        <pre className="overflow-x-auto rounded-md bg-bg-0 p-3 font-mono text-xs leading-5 text-text-1">{text}</pre>
        <div className="flex items-center gap-3">
          <CopyButton label="Copy" text={text} />
          <Button size="small" onClick={() => console.go('setup')}>
            Set up in three steps
          </Button>
          <p className="min-w-0 flex-1 text-xs text-text-3">
            {note} The key lies in <code className="font-mono text-text-2">credentials.json</code> of the agent's data
            folder; the setup makes another.
          </p>
        </div>
      </div>
    </Panel>
  );
}
