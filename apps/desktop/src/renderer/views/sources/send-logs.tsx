import { useState } from 'react';
import { ChoiceBar } from '../../components/choice-bar.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Panel } from '../../components/panel.tsx';
import type { AgentView } from '../../stores/agents-state.ts';
import { snippet, SNIPPETS, type SnippetId } from './snippet.ts';

/** How to send the first line, with the agent's own address filled in. */
export function SendLogs({ agents }: { readonly agents: readonly AgentView[] }) {
  const [wanted, setWanted] = useState<string | null>(null);
  const [id, setId] = useState<SnippetId>('curl');
  const agent = agents.find(({ saved }) => saved.agentId === wanted) ?? agents[0];
  if (agent === undefined) return null;
  const text = snippet(id, agent.saved.url);
  return (
    <Panel
      fact={`to ${agent.saved.url}`}
      title="Send logs"
      tools={
        <ChoiceBar
          choices={SNIPPETS.map(({ id: value, label }) => ({ value, label }))}
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
          <p className="min-w-0 flex-1 text-xs text-text-3">
            The ingest key lies in <code className="font-mono text-text-2">credentials.json</code> in the agent's data
            folder; <code className="font-mono text-text-2">sentinellog keys create --name NAME</code> makes another.
          </p>
        </div>
      </div>
    </Panel>
  );
}
