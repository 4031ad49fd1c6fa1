import { useState, type KeyboardEvent } from 'react';
import { SEVERITIES, type Severity } from '@sentinellog/shared';
import { Button } from '../../components/button.tsx';
import { DialogBox } from '../../components/dialog-box.tsx';
import { SeverityBadge } from '../../components/severity-badge.tsx';
import { useIncidents } from '../../stores/use-console.ts';
import { QuestionTitle } from './question-title.tsx';
import type { QuestionProps } from './questions.tsx';

/** Which severity, then why: somebody will ask tomorrow. */
export function SeverityQuestion({ question, onClose }: QuestionProps) {
  const incidents = useIncidents();
  const [severity, setSeverity] = useState<Severity | null>(null);
  const [reason, setReason] = useState('');
  const { refs } = question;
  const choose = (event: KeyboardEvent) => {
    const chosen = SEVERITIES[Number(event.key) - 1];
    if (chosen === undefined || event.target instanceof HTMLInputElement) return;
    event.preventDefault();
    setSeverity(chosen);
    document.getElementById('severity-reason')?.focus();
  };
  const problem = severity === null ? 'choose a severity' : reason.trim() === '' ? 'say why' : null;
  return (
    <DialogBox label="Severity" onClose={onClose} onKeyDown={choose}>
      <QuestionTitle refs={refs} verb="Severity of" />
      <form
        className="flex flex-col gap-3 p-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (severity === null || problem !== null) return;
          onClose();
          incidents.act({ action: 'severity', severity, reason: reason.trim() }, refs);
        }}
      >
        <div aria-label="Severity" className="flex gap-2" role="group">
          {SEVERITIES.map((one, i) => (
            <button
              aria-pressed={severity === one}
              autoFocus={i === 0}
              className="flex items-center gap-1.5 rounded-md p-1 aria-pressed:bg-sel aria-pressed:shadow-[inset_0_0_0_1px_var(--color-accent)]"
              key={one}
              type="button"
              onClick={() => setSeverity(one)}
            >
              <kbd className="key">{i + 1}</kbd>
              <SeverityBadge severity={one} />
            </button>
          ))}
        </div>
        <label className="flex flex-col gap-1 text-xs text-text-2" htmlFor="severity-reason">
          Why
          <input
            className="field text-sm"
            id="severity-reason"
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
        <div className="flex gap-2">
          <Button disabledReason={problem} look="primary" type="submit">
            Set <kbd className="key key-inline">Enter</kbd>
          </Button>
          <Button
            onClick={() => {
              onClose();
              incidents.act({ action: 'severity', severity: null, reason: '' }, refs);
            }}
          >
            Back to its own
          </Button>
        </div>
      </form>
    </DialogBox>
  );
}
