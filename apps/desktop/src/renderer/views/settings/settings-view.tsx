import type { ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { ChoiceBar } from '../../components/choice-bar.tsx';
import { Panel } from '../../components/panel.tsx';
import type { AgentView } from '../../stores/agents-state.ts';
import { useAgents, useConsole, useView } from '../../stores/use-console.ts';
import { connectionWords } from '../../words/connection-words.ts';
import { bytes, exactly } from '../../words/quantity.ts';
import { KeyboardPanel } from './keyboard-panel.tsx';
import { ViewTitle } from '../shell/view-title.tsx';

export function SettingsView() {
  const console = useConsole();
  const agents = useAgents();
  const clock = useView((view) => view.preferences.clock);
  const browser = console.bridge.platform === 'browser';
  return (
    <div className="h-full overflow-y-auto p-6">
      <div className="mx-auto flex max-w-[760px] flex-col gap-4">
        <ViewTitle className="text-xl font-semibold">Settings</ViewTitle>
        <Panel
          fact={browser ? 'a browser shows the agent that served this page; the desktop app shows many' : undefined}
          title="Agents"
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
              <AgentRow agent={agent} key={agent.saved.agentId} removable={!browser} />
            ))}
          </ul>
        </Panel>
        <Panel title="Time">
          <div className="flex flex-col divide-y divide-line-1">
            <SettingRow detail="Every clock and axis on the screen. Key: u" label="Time zone">
              <ChoiceBar
                choices={[
                  { value: 'utc', label: 'UTC' },
                  { value: 'local', label: 'Local' },
                ]}
                label="Time zone"
                value={clock}
                onChange={(value) => console.setPreference({ clock: value })}
              />
            </SettingRow>
          </div>
        </Panel>
        <KeyboardPanel />
        <p className="text-xs text-text-3">SentinelLog console {console.bridge.version}</p>
      </div>
    </div>
  );
}

function AgentRow({ agent, removable }: { readonly agent: AgentView; readonly removable: boolean }) {
  const console = useConsole();
  const { saved, info, health } = agent;
  const connected = saved.connection.type === 'open';
  const facts = [
    saved.url,
    ...(info === null ? [] : [`agent ${info.version}`]),
    ...(health === null ? [] : [`journal ${bytes(health.journal_bytes)}`, `${exactly(health.accepted_total)} events`]),
    ...(agent.dropped > 0 ? [`${exactly(agent.dropped)} messages missed`] : []),
  ];
  return (
    <li className="flex items-center gap-3 px-3 py-2.5" data-agent={saved.agentId}>
      <span className="grid h-6 min-w-9 place-items-center rounded-sm bg-bg-3 px-1.5 text-xs font-semibold">
        {saved.code || '–'}
      </span>
      <div className="min-w-0 flex-1">
        <p className="flex items-baseline gap-2 text-sm">
          <span className="truncate font-medium">{saved.name}</span>
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
      {removable && (
        <Button look="danger" size="small" onClick={() => void console.removeAgent(saved.agentId)}>
          Remove
        </Button>
      )}
    </li>
  );
}

interface SettingRowProps {
  readonly label: string;
  readonly detail: string;
  readonly children: ReactNode;
}

function SettingRow({ label, detail, children }: SettingRowProps) {
  return (
    <div className="flex items-center gap-4 px-3 py-3">
      <div className="min-w-0 flex-1">
        <p className="text-sm font-medium">{label}</p>
        <p className="text-xs text-text-3">{detail}</p>
      </div>
      {children}
    </div>
  );
}
