import { RuleBodySchema, SEVERITIES, type Rule, type RuleBody, type RuleDryRun } from '@sentinellog/shared';
import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { Button } from '../../components/button.tsx';
import { Notice } from '../../components/notice.tsx';
import { useCommand } from '../../commands/keyboard.tsx';
import type { AgentView } from '../../stores/agents-state.ts';
import { ruleBodyOf } from '../../stores/policy-desk.ts';
import { useConsole } from '../../stores/use-console.ts';
import { usePolicyDesk, whyNot } from '../../stores/use-policy-desk.ts';
import { visibleText } from '../../words/visible-text.ts';
import { CommandButton } from '../shell/command-button.tsx';
import { checkText } from './checked-text.ts';
import { DryRunResult } from './dry-run-result.tsx';
import { JsonEditor } from './json-editor.tsx';
import type { RuleRow } from './rules-desk.tsx';

const TEMPLATE: RuleBody = {
  name: 'New rule',
  enabled: true,
  severity: 'P3',
  scope: { services: [], tags: [], levels: ['error'], fields: [] },
  condition: { kind: 'count', above: 100 },
  window_seconds: 300,
  group_by: 'service',
  for_seconds: 0,
  action: 'notify',
  message: '{service} logged {count} errors in {window}, more than {threshold}',
};

interface RuleEditorProps {
  /** null: a new rule. */
  readonly row: RuleRow | null;
  readonly agents: readonly AgentView[];
  readonly attach: (keys: { readonly dryRun: () => void; readonly save: () => void } | null) => void;
  readonly onSaved: (agentId: string, rule: Rule) => void;
  readonly onClose: () => void;
}

/** A rule as text, its common fields as a form; what is typed stays until it is saved or thrown away. */
export function RuleEditor({ row, agents, attach, onSaved, onClose }: RuleEditorProps) {
  const console = useConsole();
  const desk = usePolicyDesk();
  const draftKey = row?.key ?? 'new rule';
  const draft = useStore(desk.drafts, (drafts) => drafts.get(draftKey));
  const [agentId, setAgentId] = useState(row?.agentId ?? agents[0]?.saved.agentId ?? '');
  const [dryRun, setDryRun] = useState<RuleDryRun | 'running' | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const saved = asText(row === null ? TEMPLATE : ruleBodyOf(row.rule));
  const text = draft ?? saved;
  const checked = checkText(text, RuleBodySchema);
  const mistakes = checked.ok ? [] : checked.mistakes;
  const agent = agents.find((one) => one.saved.agentId === agentId);
  const noSave =
    agent === undefined
      ? 'no cluster is chosen'
      : (whyNot(agent, 'policy.write') ??
        (mistakes.length > 0
          ? 'the text has mistakes'
          : row !== null && text === saved
            ? 'nothing has changed'
            : null));

  const save = async () => {
    if (noSave !== null || !checked.ok) {
      console.announce(`Not saved: ${noSave ?? 'the text has mistakes'}`);
      return;
    }
    setFailure(null);
    const existing = row === null ? null : { id: row.rule.rule_id, version: row.rule.version };
    const answer = await desk.saveRule(agentId, existing, checked.value);
    if (!answer.ok) {
      setFailure(answer.error.detail);
      return;
    }
    desk.draft(draftKey, null);
    onSaved(agentId, answer.value);
  };
  const tryOut = async () => {
    if (!checked.ok) {
      console.announce('The text has mistakes');
      return;
    }
    setDryRun('running');
    setFailure(null);
    const answer = await console.bridge.dryRunRule({ agentId, rule: checked.value });
    setDryRun(answer.ok ? answer.value : null);
    if (!answer.ok) setFailure(`It could not be tried: ${answer.error.detail}`);
  };
  const latest = useRef({ save, tryOut });
  useEffect(() => {
    latest.current = { save, tryOut };
  });
  useEffect(() => {
    attach({ save: () => void latest.current.save(), dryRun: () => void latest.current.tryOut() });
    return () => attach(null);
  }, [attach]);

  const change = (next: string) => {
    desk.draft(draftKey, next === saved ? null : next);
    setDryRun(null);
  };
  return (
    <section
      aria-label={row === null ? 'New rule' : `Rule ${visibleText(row.rule.name)}`}
      className="flex min-w-0 flex-1 flex-col gap-2.5 overflow-y-auto p-3"
    >
      <header className="flex flex-wrap items-center gap-2">
        <h2 className="min-w-0 flex-1 truncate text-sm font-semibold">
          {row === null ? 'New rule' : visibleText(row.rule.name)}
          {draft !== undefined && <span className="ml-2 text-xs font-normal text-p2">not saved</span>}
        </h2>
        {row === null && agents.length > 1 ? (
          <select
            aria-label="Cluster"
            className="h-7 rounded-md border border-line-2 bg-bg-0 px-2 text-xs"
            value={agentId}
            onChange={(event) => setAgentId(event.target.value)}
          >
            {agents.map(({ saved: one }) => (
              <option key={one.agentId} value={one.agentId}>
                {one.code} {one.name}
              </option>
            ))}
          </select>
        ) : (
          <span className="cluster-code">{agent?.saved.code}</span>
        )}
        <Button look="quiet" size="small" title="Close, and keep what is typed (Esc)" onClick={onClose}>
          Close
        </Button>
      </header>
      {checked.ok && <CommonFields rule={checked.value} onChange={(rule) => change(asText(rule))} />}
      <JsonEditor label="The rule as JSON" mistakes={mistakes} readOnly={false} text={text} onChange={change} />
      {failure !== null && (
        <Notice tone="bad">
          {visibleText(failure)}. What you typed is still here
          {row === null ? '' : '; the table shows the newest version'}.
        </Notice>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <SaveButton reason={noSave} onSave={() => void save()} />
        <CommandButton id="rules.dryRun" label="When would it have fired?" />
        {draft !== undefined && (
          <Button look="quiet" size="small" onClick={() => change(saved)}>
            Throw away
          </Button>
        )}
        {noSave !== null && <span className="text-xs text-text-3">Save is off: {noSave}</span>}
      </div>
      {dryRun === 'running' && <p className="late-words text-xs text-text-3">Counting over the last 7 days …</p>}
      {dryRun !== null && dryRun !== 'running' && (
        <DryRunResult result={dryRun} severity={checked.ok ? checked.value.severity : 'P4'} />
      )}
    </section>
  );
}

function SaveButton({ reason, onSave }: { readonly reason: string | null; readonly onSave: () => void }) {
  const { label } = useCommand('rules.save');
  return (
    <Button disabledReason={reason} look="primary" size="small" title="Save" onClick={onSave}>
      Save <kbd className="key key-inline">{label}</kbd>
    </Button>
  );
}

interface CommonFieldsProps {
  readonly rule: RuleBody;
  readonly onChange: (rule: RuleBody) => void;
}

/** What most changes are about, without looking for it in the text. */
function CommonFields({ rule, onChange }: CommonFieldsProps) {
  const { condition } = rule;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_90px_110px_110px] gap-2 text-2xs text-text-3 @max-[860px]:grid-cols-2">
      <label className="flex flex-col gap-1">
        Name
        <input
          className="field h-7 text-xs"
          maxLength={200}
          value={rule.name}
          onChange={(event) => onChange({ ...rule, name: event.target.value })}
        />
      </label>
      <label className="flex flex-col gap-1">
        Severity
        <select
          className="field h-7 px-1.5 text-xs"
          value={rule.severity}
          onChange={(event) => {
            const severity = SEVERITIES.find((one) => one === event.target.value);
            if (severity !== undefined) onChange({ ...rule, severity });
          }}
        >
          {SEVERITIES.map((severity) => (
            <option key={severity}>{severity}</option>
          ))}
        </select>
      </label>
      {'above' in condition ? (
        <NumberField
          label={condition.kind === 'ratio' ? 'Share above (0–1)' : 'More than'}
          value={condition.above}
          onChange={(above) => onChange({ ...rule, condition: { ...condition, above } })}
        />
      ) : condition.kind === 'latency' ? (
        <NumberField
          label="Above, ms"
          value={condition.above_ms}
          onChange={(above_ms) => onChange({ ...rule, condition: { ...condition, above_ms } })}
        />
      ) : (
        <span />
      )}
      <NumberField
        label="Window, seconds"
        value={rule.window_seconds}
        onChange={(window_seconds) => onChange({ ...rule, window_seconds })}
      />
    </div>
  );
}

interface NumberFieldProps {
  readonly label: string;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

function NumberField({ label, value, onChange }: NumberFieldProps) {
  return (
    <label className="flex flex-col gap-1">
      {label}
      <input
        className="field h-7 text-xs"
        min={0}
        step="any"
        type="number"
        value={value}
        onChange={(event) => {
          const next = event.target.valueAsNumber;
          if (!Number.isNaN(next)) onChange(next);
        }}
      />
    </label>
  );
}

function asText(rule: RuleBody): string {
  return JSON.stringify(rule, null, 2);
}
