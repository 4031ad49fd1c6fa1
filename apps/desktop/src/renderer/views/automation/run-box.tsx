import type { Hook, HookPreview } from '@sentinellog/shared';
import { useEffect, useRef, useState } from 'react';
import { Notice } from '../../components/notice.tsx';
import type { AgentView } from '../../stores/agents-state.ts';
import { freshnessOf } from '../../../bridge/freshness.ts';
import { useConsole, useDesk, useProtectedCode } from '../../stores/use-console.ts';
import { usePolicyDesk, whyNot } from '../../stores/use-policy-desk.ts';
import { ago, duration } from '../../words/duration.ts';
import { EFFECT_WORDS, RUN_WORDS } from '../../words/rule-words.ts';
import { visibleText } from '../../words/visible-text.ts';
import { ConfirmBox } from '../rules/confirm-box.tsx';
import { isFor } from './hook-fit.ts';
import { SentText } from './sent-text.tsx';

interface RunBoxProps {
  readonly agent: AgentView;
  readonly hook: Hook;
  /** null: which one is asked here. */
  readonly incidentId: string | null;
  readonly onClose: () => void;
}

/** Exactly what would be sent, where, and what stands in the way; then `y`, or the cluster's code where it is protected. */
export function RunBox({ agent, hook, incidentId, onClose }: RunBoxProps) {
  const console = useConsole();
  const desk = usePolicyDesk();
  const { agentId, code } = agent.saved;
  const incidents = useDesk((state) => state.agents.get(agentId));
  const open = [...(incidents?.values() ?? [])]
    .map(({ incident }) => incident)
    .filter(({ state, incident_id: id }) => state !== 'RESOLVED' || id === incidentId);
  const fitting = open.filter(({ services }) => services.some((service) => isFor(hook, service)));
  const [chosen, setChosen] = useState(incidentId ?? fitting[0]?.incident_id ?? null);
  const [preview, setPreview] = useState<{ readonly of: string; readonly value: HookPreview } | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const ownCode = useProtectedCode(agentId);
  // One key for this intention: pressing again after a lost answer runs nothing twice.
  const key = useRef('');

  useEffect(() => {
    if (chosen === null) return undefined;
    let gone = false;
    const ask = async () => {
      const answer = await console.bridge.previewHook({ agentId, incidentId: chosen, hookId: hook.hook_id });
      if (gone) return;
      setFailure(answer.ok ? null : answer.error.detail);
      setPreview(answer.ok ? { of: chosen, value: answer.value } : null);
    };
    void ask();
    return () => {
      gone = true;
    };
  }, [console, agentId, hook.hook_id, chosen]);

  const shown = preview?.of === chosen ? preview.value : null;
  const wanted = shown?.needs_code ?? null;
  const reason = whyNot(agent, 'alert.write') ?? (shown === null ? 'there is no preview yet' : shown.refused_because);
  const run = () => {
    if (chosen === null) return;
    if (key.current === '') key.current = newKey();
    onClose();
    void desk.runHook(agentId, { incidentId: chosen, hookId: hook.hook_id, key: key.current, confirm: wanted });
  };
  const nowMs = console.now();
  const freshness = freshnessOf(console.pulse(agent, nowMs), nowMs);
  return (
    <ConfirmBox code={wanted ?? ownCode} disabledReason={reason} label="Run" onClose={onClose} onConfirm={run}>
      <h2 className="flex items-center gap-2 text-base font-semibold">
        Run {visibleText(hook.name)} in <span className="cluster-code">{code}</span>
      </h2>
      <p>
        It <strong>{EFFECT_WORDS[hook.effect]}</strong>. This cannot be undone.
      </p>
      {incidentId === null && (
        <label className="flex flex-col gap-1 text-xs text-text-3">
          For which incident
          <select
            className="field h-8 text-sm"
            value={chosen ?? ''}
            onChange={(event) => setChosen(event.target.value)}
          >
            {fitting.length === 0 && <option value="">no open incident that it is for</option>}
            {fitting.map((incident) => (
              <option key={incident.incident_id} value={incident.incident_id}>
                {incident.severity} {visibleText(incident.title)}
              </option>
            ))}
          </select>
        </label>
      )}
      {freshness.type === 'stale' && (
        <Notice tone="warn">The data is {duration(freshness.ageMs)} old: is it still needed?</Notice>
      )}
      {failure !== null && <Notice tone="bad">No preview: {visibleText(failure)}</Notice>}
      {shown !== null && (
        <>
          <SentText preview={shown} />
          <p className="text-xs text-text-3">
            {shown.last_run === null
              ? 'It has never run.'
              : `${RUN_WORDS[shown.last_run.state]} ${ago(nowMs - shown.last_run.at_ms)}, by ${visibleText(shown.last_run.by)}.`}{' '}
            {shown.cooldown_left_seconds > 0 && `It rests for ${duration(shown.cooldown_left_seconds * 1000)} more.`}
          </p>
          {shown.refused_because !== null && <Notice tone="warn">Not now: {visibleText(shown.refused_because)}</Notice>}
        </>
      )}
    </ConfirmBox>
  );
}

/** 128 bits in hex, as the console's other idempotency keys. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
