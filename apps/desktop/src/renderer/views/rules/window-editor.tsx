import { MaintenanceWindowSchema, type MaintenanceWindow } from '@sentinellog/shared';
import { useState } from 'react';
import type { ShownWindow } from '../../../bridge/policy-calls.ts';
import { Button } from '../../components/button.tsx';
import { DialogBox } from '../../components/dialog-box.tsx';
import { Notice } from '../../components/notice.tsx';
import type { AgentView } from '../../stores/agents-state.ts';
import { useConsole } from '../../stores/use-console.ts';
import { usePolicyDesk, whyNot } from '../../stores/use-policy-desk.ts';
import { visibleText } from '../../words/visible-text.ts';
import { checkText } from './checked-text.ts';
import { JsonEditor } from './json-editor.tsx';

interface WindowEditorProps {
  readonly agentId: string;
  /** null: a new one. */
  readonly window: ShownWindow | null;
  readonly agents: readonly AgentView[];
  readonly onClose: () => void;
}

/** A maintenance window as text, checked as it is typed. */
export function WindowEditor({ agentId, window, agents, onClose }: WindowEditorProps) {
  const console = useConsole();
  const desk = usePolicyDesk();
  const [text, setText] = useState(() =>
    JSON.stringify(window === null ? emptyWindow(console.now()) : windowBody(window), null, 2),
  );
  const [failure, setFailure] = useState<string | null>(null);
  const checked = checkText(text, MaintenanceWindowSchema);
  const agent = agents.find(({ saved }) => saved.agentId === agentId);
  const reason =
    agent === undefined
      ? 'its cluster is gone'
      : (whyNot(agent, 'policy.write') ?? (checked.ok ? null : 'the text has mistakes'));
  const save = async () => {
    if (!checked.ok) return;
    const existing = window === null ? null : { id: window.id, version: window.version };
    const answer = await desk.saveWindow(agentId, existing, checked.value);
    if (answer.ok) onClose();
    else setFailure(answer.error.detail);
  };
  return (
    <DialogBox className="w-[620px]" label="Maintenance window" onClose={onClose}>
      <div className="flex h-[68vh] flex-col gap-3 p-4 text-sm">
        <h2 className="flex items-center gap-2 text-base font-semibold">
          {window === null ? 'New maintenance window' : visibleText(window.name)}
          <span className="cluster-code">{agent?.saved.code}</span>
        </h2>
        <p className="text-xs text-text-3">
          `starts` and `ends` are times on the wall in `time_zone`; `repeats.every` is once, day, week, month_day or
          month_weekday. Services, sources and tags all empty: everything.
        </p>
        <JsonEditor
          label="The window as JSON"
          mistakes={checked.ok ? [] : checked.mistakes}
          readOnly={false}
          text={text}
          onChange={setText}
        />
        {failure !== null && <Notice tone="bad">Not saved: {visibleText(failure)}</Notice>}
        <div className="flex items-center gap-2">
          <Button onClick={onClose}>
            Cancel <kbd className="key key-inline">Esc</kbd>
          </Button>
          <Button disabledReason={reason} look="primary" onClick={() => void save()}>
            Save
          </Button>
          {reason !== null && <span className="text-xs text-text-3">Save is off: {reason}</span>}
        </div>
      </div>
    </DialogBox>
  );
}

function windowBody({
  version: _version,
  updated_at_ms: _updatedAtMs,
  updated_by: _updatedBy,
  next: _next,
  ...body
}: ShownWindow): MaintenanceWindow {
  return body;
}

function emptyWindow(nowMs: number): MaintenanceWindow {
  return {
    id: 'planned-work',
    name: 'Planned work',
    reason: 'What is being done, and by whom',
    enabled: true,
    tenant: null,
    services: ['payment-*'],
    sources: [],
    tags: [],
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    from_date: new Date(nowMs).toISOString().slice(0, 10),
    until_date: null,
    starts: '22:00',
    ends: '02:00',
    plus_days: 0,
    repeats: { every: 'once' },
    skip: [],
  };
}
