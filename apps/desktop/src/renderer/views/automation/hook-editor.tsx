import type { Hook, HookPreview } from '@sentinellog/shared';
import { useId, useState, type ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { DialogBox } from '../../components/dialog-box.tsx';
import { Notice } from '../../components/notice.tsx';
import type { AgentView } from '../../stores/agents-state.ts';
import { placeKey } from '../../stores/policy-desk.ts';
import { useConsole, useDesk } from '../../stores/use-console.ts';
import { usePolicyDesk, whyNot } from '../../stores/use-policy-desk.ts';
import { EFFECT_WORDS } from '../../words/rule-words.ts';
import { visibleText } from '../../words/visible-text.ts';
import type { HookRow } from './hook-card.tsx';
import { isFor } from './hook-fit.ts';
import { EFFECTS, formOf, readHook, type HookForm } from './hook-form.ts';
import { SentText } from './sent-text.tsx';

interface HookEditorProps {
  /** null: a new one. */
  readonly row: HookRow | null;
  readonly agents: readonly AgentView[];
  readonly onSaved: (key: string) => void;
  readonly onClose: () => void;
}

type Shown = { readonly of: string; readonly preview: HookPreview } | { readonly of: null; readonly why: string };

/** What is called, when it may be, and with what; once saved, exactly what an open incident would make of it. */
export function HookEditor({ row, agents, onSaved, onClose }: HookEditorProps) {
  const console = useConsole();
  const desk = usePolicyDesk();
  const [agentId, setAgentId] = useState(row?.agentId ?? agents[0]?.saved.agentId ?? '');
  const [hook, setHook] = useState<Hook | null>(row?.hook ?? null);
  const [form, setForm] = useState(() => formOf(row?.hook ?? null));
  const [failure, setFailure] = useState<string | null>(null);
  const [shown, setShown] = useState<Shown | null>(null);
  const incidents = useDesk((state) => state.agents.get(agentId));
  const agent = agents.find(({ saved }) => saved.agentId === agentId);
  const read = readHook(form, hook?.enabled ?? false);
  const reason =
    agent === undefined
      ? 'its cluster is gone'
      : (whyNot(agent, 'policy.write') ?? (read.ok ? null : `it needs ${read.mistake}`));
  const set = (change: Partial<HookForm>) => {
    setForm({ ...form, ...change });
    setShown(null);
  };
  const save = async () => {
    if (!read.ok) return;
    const existing = hook === null ? null : { id: hook.hook_id, version: hook.version };
    const answer = await desk.saveHook(agentId, existing, read.value);
    setFailure(answer.ok ? null : answer.error.detail);
    if (!answer.ok) return;
    const saved = answer.value;
    setHook(saved);
    setForm(formOf(saved));
    onSaved(placeKey(agentId, saved.hook_id));
    setShown(await previewOf(saved));
  };
  const previewOf = async (saved: Hook): Promise<Shown> => {
    const open = [...(incidents?.values() ?? [])].map(({ incident }) => incident);
    const incident = open.find(
      ({ state, services }) => state !== 'RESOLVED' && services.some((service) => isFor(saved, service)),
    );
    if (incident === undefined) return { of: null, why: 'no incident is open that it is for' };
    const answer = await console.bridge.previewHook({
      agentId,
      incidentId: incident.incident_id,
      hookId: saved.hook_id,
    });
    return answer.ok ? { of: incident.key, preview: answer.value } : { of: null, why: answer.error.detail };
  };
  const wrong = read.ok ? null : read.field;
  return (
    <DialogBox className="w-[640px]" label="Hook" onClose={onClose}>
      <form
        className="flex flex-col gap-3 p-4 text-sm"
        onSubmit={(event) => {
          event.preventDefault();
          if (reason === null) void save();
        }}
      >
        <h2 className="flex items-center gap-2 text-base font-semibold">
          {hook === null ? 'New hook' : visibleText(hook.name)}
          {hook === null && agents.length > 1 ? (
            <select
              aria-label="Cluster"
              className="h-7 rounded-md border border-line-2 bg-bg-0 px-2 text-xs"
              value={agentId}
              onChange={(event) => setAgentId(event.target.value)}
            >
              {agents.map(({ saved }) => (
                <option key={saved.agentId} value={saved.agentId}>
                  {saved.code} {saved.name}
                </option>
              ))}
            </select>
          ) : (
            <span className="cluster-code">{agent?.saved.code}</span>
          )}
        </h2>
        <div className="grid grid-cols-2 gap-3">
          <TextField
            label="Name"
            value={form.name}
            wrong={wrong === 'name'}
            onChange={(name) => set({ name })}
            placeholder="Restart payment"
          />
          <Labelled label="Effect">
            {(id) => (
              <select
                className="field h-8"
                id={id}
                value={form.effect}
                onChange={(event) => set({ effect: EFFECTS.find((one) => one === event.target.value) ?? form.effect })}
              >
                {EFFECTS.map((effect) => (
                  <option key={effect} value={effect}>
                    {effect}: {EFFECT_WORDS[effect]}
                  </option>
                ))}
              </select>
            )}
          </Labelled>
        </div>
        <TextField
          label="Address, called with POST"
          value={form.url}
          wrong={wrong === 'url'}
          onChange={(url) => set({ url })}
          placeholder="https://ops.example/restart"
        />
        <TextField
          label="For services (empty: every one)"
          value={form.services}
          wrong={wrong === 'services'}
          onChange={(services) => set({ services })}
          placeholder="payment-*, order-service"
        />
        <Labelled label="Body: JSON; {{incident.key}}, {{incident.service}}, {{incident.severity}}, {{incident.title}}, {{cluster}} are filled in">
          {(id) => (
            <textarea
              aria-invalid={wrong === 'body' || undefined}
              className="field h-32 resize-y py-2 font-mono text-xs leading-5"
              id={id}
              maxLength={16_000}
              spellCheck={false}
              value={form.body}
              onChange={(event) => set({ body: event.target.value })}
            />
          )}
        </Labelled>
        <div className="grid grid-cols-2 gap-3">
          <TextField
            label="Rest between two runs, in seconds"
            value={form.restSeconds}
            wrong={wrong === 'restSeconds'}
            onChange={(restSeconds) => set({ restSeconds })}
          />
          <TextField
            label={hook?.has_secret === true ? 'Signing secret (empty: stays as it is)' : 'Signing secret (optional)'}
            secret
            value={form.secret}
            wrong={wrong === 'secret'}
            onChange={(secret) => set({ secret })}
          />
        </div>
        <label className="flex items-center gap-2 text-xs text-text-2">
          <input
            checked={form.isProtected}
            className="size-4 accent-accent"
            type="checkbox"
            onChange={(event) => set({ isProtected: event.target.checked })}
          />
          Protected: whoever runs it types the cluster’s code
        </label>
        {failure !== null && <Notice tone="bad">Not saved: {visibleText(failure)}</Notice>}
        {shown !== null &&
          (shown.of === null ? (
            <Notice tone="quiet">Saved. There is no preview: {visibleText(shown.why)}.</Notice>
          ) : (
            <section aria-label="Preview" className="flex flex-col gap-1.5">
              <p className="text-xs text-text-2">
                Saved. For {shown.of} it would send this, and nothing has been sent:
              </p>
              <SentText preview={shown.preview} />
            </section>
          ))}
        <div className="flex items-center gap-2">
          <Button onClick={onClose}>
            {shown === null ? 'Cancel' : 'Close'} <kbd className="key key-inline">Esc</kbd>
          </Button>
          <Button disabledReason={reason} look="primary" type="submit">
            Save and preview
          </Button>
          {reason !== null && <span className="min-w-0 text-xs text-text-3">Save is off: {reason}</span>}
        </div>
      </form>
    </DialogBox>
  );
}

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly wrong: boolean;
  readonly placeholder?: string;
  readonly secret?: boolean;
  readonly onChange: (value: string) => void;
}

function TextField({ label, value, wrong, placeholder, secret = false, onChange }: TextFieldProps) {
  return (
    <Labelled label={label}>
      {(id) => (
        <input
          aria-invalid={(wrong && value !== '') || undefined}
          autoComplete="off"
          className="field h-8"
          id={id}
          placeholder={placeholder}
          spellCheck={false}
          type={secret ? 'password' : 'text'}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Labelled>
  );
}

function Labelled({ label, children }: { readonly label: string; readonly children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label className="text-xs text-text-3" htmlFor={id}>
        {label}
      </label>
      {children(id)}
    </div>
  );
}
