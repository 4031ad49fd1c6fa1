import { useState } from 'react';
import type { Hook } from '@sentinellog/shared';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import type { AgentView } from '../../stores/agents-state.ts';
import { useConsole } from '../../stores/use-console.ts';
import { hookBodyOf } from '../../stores/policy-desk.ts';
import { usePolicyDesk, whyNot } from '../../stores/use-policy-desk.ts';
import { ago, duration } from '../../words/duration.ts';
import { EFFECT_WORDS, RUN_WORDS } from '../../words/rule-words.ts';
import { visibleText } from '../../words/visible-text.ts';

export interface HookRow {
  readonly key: string;
  readonly agentId: string;
  readonly agent: AgentView;
  readonly hook: Hook;
}

interface HookCardProps {
  readonly row: HookRow;
  readonly chosen: boolean;
  readonly onChoose: () => void;
  readonly onRun: () => void;
  readonly onEdit: () => void;
}

/** What it does, to whom, how often, how it ended: all that is worth knowing before the button. */
export function HookCard({ row, chosen, onChoose, onRun, onEdit }: HookCardProps) {
  const console = useConsole();
  const desk = usePolicyDesk();
  const [failure, setFailure] = useState<string | null>(null);
  const { agentId, agent, hook } = row;
  const { last_run: last } = hook;
  const nowMs = console.now();
  const enable = async () => {
    const existing = { id: hook.hook_id, version: hook.version };
    const answer = await desk.saveHook(agentId, existing, { ...hookBodyOf(hook), enabled: !hook.enabled });
    setFailure(answer.ok ? null : answer.error.detail);
  };
  return (
    <li
      aria-current={chosen || undefined}
      className="flex flex-col gap-2 rounded-lg border border-line-1 bg-bg-2 p-3 aria-[current]:border-accent"
      tabIndex={chosen ? 0 : -1}
      onFocus={onChoose}
    >
      <div className="flex items-center gap-2">
        <span className="cluster-code">{agent.saved.code}</span>
        <h3 className="min-w-0 flex-1 truncate text-sm font-semibold">{visibleText(hook.name)}</h3>
        <button
          aria-checked={hook.enabled}
          aria-disabled={whyNot(agent, 'policy.write') !== null || undefined}
          aria-label={`${visibleText(hook.name)} is ${hook.enabled ? 'on' : 'off'}`}
          className="switch"
          role="switch"
          title={whyNot(agent, 'policy.write') ?? (hook.enabled ? 'Switch off' : 'Switch on')}
          type="button"
          onClick={() => {
            if (whyNot(agent, 'policy.write') === null) void enable();
          }}
        />
      </div>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-0.5 text-xs">
        <dt className="text-text-3">Effect</dt>
        <dd>
          <strong className="font-medium">{hook.effect}</strong>
          <span className="text-text-3">: {EFFECT_WORDS[hook.effect]}</span>
        </dd>
        <dt className="text-text-3">For</dt>
        <dd className="truncate">
          {hook.services.length === 0 ? 'every service' : hook.services.map(visibleText).join(', ')}
        </dd>
        <dt className="text-text-3">Calls</dt>
        <dd className="truncate" title={visibleText(hook.url)}>
          POST {hostOf(hook.url)}
        </dd>
        <dt className="text-text-3">Rest</dt>
        <dd>{duration(hook.cooldown_seconds * 1000)} between two runs</dd>
        <dt className="text-text-3">Last</dt>
        <dd className={last?.state === 'failed' ? 'text-lv-error' : ''}>
          {last === null
            ? 'never run'
            : `${RUN_WORDS[last.state]} ${ago(nowMs - last.at_ms)}, by ${visibleText(last.by)}`}
        </dd>
      </dl>
      {failure !== null && <p className="text-xs text-lv-error">Not switched: {visibleText(failure)}</p>}
      <div className="mt-auto flex items-center gap-2 pt-1">
        <Button
          disabledReason={hook.enabled ? whyNot(agent, 'alert.write') : 'it is switched off'}
          size="small"
          onClick={onRun}
        >
          <Icon name="play" size={12} /> Run …
        </Button>
        <Button size="small" onClick={onEdit}>
          Edit
        </Button>
        <span className="min-w-0 truncate text-2xs text-text-3">
          {hook.protected ? `protected: asks for ${agent.saved.code} · ` : ''}needs alert.write
        </span>
      </div>
    </li>
  );
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : visibleText(url);
}
