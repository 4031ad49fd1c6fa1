import { useState, type FormEvent } from 'react';
import { Button } from '../../components/button.tsx';
import { ChoiceBar } from '../../components/choice-bar.tsx';
import { Panel } from '../../components/panel.tsx';
import type { AgentView } from '../../stores/agents-state.ts';
import { useAgents, useConsole, useView } from '../../stores/use-console.ts';
import { connectionWords } from '../../words/connection-words.ts';
import { bytes, exactly } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';

/** The six line colours of clusters, by the name under which they are chosen (ux §4.3). */
const COLOUR_NAMES = ['Cyan', 'Blue', 'Olive', 'Rose', 'Sand', 'Lime'] as const;

/** The agents that this console watches, and how it calls and draws them. */
export function ClustersPanel() {
  const console = useConsole();
  const agents = useAgents();
  const browser = console.bridge.platform === 'browser';
  return (
    <Panel
      fact={browser ? 'a browser shows the agent that served this page; the desktop app shows up to 50' : undefined}
      title="Clusters"
      tools={
        browser ? (
          <Button size="small" onClick={() => void console.signOut()}>
            Sign out
          </Button>
        ) : (
          <Button look="primary" size="small" onClick={() => console.patchView({ addingAgent: true })}>
            Add an agent
          </Button>
        )
      }
    >
      <ul className="divide-y divide-line-1">
        {[...agents.values()].map((agent) => (
          <AgentRow agent={agent} desktop={!browser} key={agent.saved.agentId} />
        ))}
      </ul>
    </Panel>
  );
}

function AgentRow({ agent, desktop }: { readonly agent: AgentView; readonly desktop: boolean }) {
  const console = useConsole();
  const [editing, setEditing] = useState(false);
  const { saved, info, health } = agent;
  const connected = saved.connection.type === 'open';
  const facts = [
    saved.url,
    ...(info === null ? [] : [`agent ${info.version}`]),
    ...(health === null ? [] : [`journal ${bytes(health.journal_bytes)}`, `${exactly(health.accepted_total)} events`]),
    ...(agent.dropped > 0 ? [`${exactly(agent.dropped)} messages missed`] : []),
  ];
  return (
    <li className="flex flex-col gap-2 px-3 py-2.5" data-agent={saved.agentId}>
      <div className="flex items-center gap-3">
        <span className="grid h-6 min-w-9 place-items-center rounded-sm bg-bg-3 px-1.5 text-xs font-semibold">
          {saved.code || '–'}
        </span>
        <div className="min-w-0 flex-1">
          <p className="flex items-baseline gap-2 text-sm">
            <span className="truncate font-medium">{visibleText(saved.name)}</span>
            <span className={`truncate text-xs ${connected ? 'text-ok' : 'text-p2'}`}>
              {connectionWords(saved.connection)}
            </span>
          </p>
          <p className="truncate text-xs text-text-3">{facts.join(' · ')}</p>
          {saved.tokenKept === false && (
            <p className="text-xs text-p2">
              This system offers no key store: the token is forgotten when the console closes.
            </p>
          )}
        </div>
        {!connected && (
          <Button size="small" onClick={() => void console.retryAgent(saved.agentId)}>
            Retry
          </Button>
        )}
        <ProtectSwitch agent={agent} />
        {desktop && (
          <>
            <Button aria-expanded={editing} size="small" onClick={() => setEditing(!editing)}>
              Label
            </Button>
            <Button look="danger" size="small" onClick={() => void console.removeAgent(saved.agentId)}>
              Remove
            </Button>
          </>
        )}
      </div>
      {editing && <LabelForm agent={agent} onDone={() => setEditing(false)} />}
    </li>
  );
}

/** Where a slip of the hand is dear: runs, removals and everything else without an undo ask for the cluster's code. */
function ProtectSwitch({ agent: { saved } }: { readonly agent: AgentView }) {
  const console = useConsole();
  const ids = useView(({ preferences }) => preferences.protectedAgents);
  const isProtected = ids.includes(saved.agentId);
  const toggle = () =>
    console.setPreference({
      protectedAgents: isProtected ? ids.filter((id) => id !== saved.agentId) : [...ids, saved.agentId],
    });
  return (
    <Button
      aria-pressed={isProtected}
      size="small"
      title="What cannot be undone here asks for the cluster's code first"
      onClick={toggle}
    >
      {isProtected ? 'Protected' : 'Protect'}
    </Button>
  );
}

/** A code of one's own: two agents may both call themselves "prod". */
function LabelForm({ agent: { saved }, onDone }: { readonly agent: AgentView; readonly onDone: () => void }) {
  const console = useConsole();
  const [code, setCode] = useState(saved.code);
  const [colour, setColour] = useState(saved.colour);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const own = code.trim();
    await console.labelAgent({ agentId: saved.agentId, code: own === '' ? null : own, colour });
    onDone();
  };
  const id = `code-${saved.agentId}`;
  return (
    <form className="flex flex-wrap items-center gap-3 pl-12" onSubmit={(event) => void save(event)}>
      <label className="flex items-center gap-2 text-xs text-text-2" htmlFor={id}>
        Code
        <input
          autoFocus
          className="field w-20"
          id={id}
          maxLength={6}
          placeholder="its own"
          type="text"
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
      </label>
      <ChoiceBar
        choices={COLOUR_NAMES.map((label, index) => ({ value: String(index), label }))}
        label="Line colour"
        value={String(colour)}
        onChange={(value) => setColour(Number(value))}
      />
      <Button look="primary" size="small" type="submit">
        Save
      </Button>
    </form>
  );
}
