import type { SourcePatch } from '@sentinellog/shared';
import { useState, type FormEvent, type ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { DialogBox } from '../../components/dialog-box.tsx';
import type { ScopedSource } from '../../stores/scope.ts';
import { useConsole } from '../../stores/use-console.ts';
import { visibleText } from '../../words/visible-text.ts';
import { SensitivityControl } from './sensitivity-control.tsx';
import { readSourceForm, type SourceChoice } from './source-form.ts';

interface SourceSettingsProps {
  readonly scoped: ScopedSource;
  readonly onClose: () => void;
}

/** Everything that can be set of one source. Sensitivity takes effect at once, the rest when it is saved. */
export function SourceSettings({ scoped: { ref, source, agent }, onClose }: SourceSettingsProps) {
  const console = useConsole();
  const [retention, setRetention] = useState(String(source.retention_days));
  const [zone, setZone] = useState(source.time_zone);
  const [tags, setTags] = useState(source.tags.join(', '));
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const save = async (event: FormEvent) => {
    event.preventDefault();
    const read = readSourceForm({ retention, zone, tags });
    setProblem(read.ok ? null : read.problem);
    if (!read.ok || busy) return;
    const patch: SourcePatch = changed(read.value, source);
    if (Object.keys(patch).length === 0) {
      onClose();
      return;
    }
    setBusy(true);
    const answer = await console.patchSource(ref, patch);
    setBusy(false);
    if (answer.ok) onClose();
    else setProblem(answer.error.detail);
  };

  return (
    <DialogBox label={`Settings of ${visibleText(source.service)}`} onClose={onClose}>
      <form className="flex flex-col gap-4 p-5" noValidate onSubmit={(event) => void save(event)}>
        <h2 className="text-lg font-semibold">
          {visibleText(source.service)}
          <span className="ml-1.5 text-sm font-normal text-text-3">@{agent.saved.code}</span>
        </h2>
        <fieldset className="flex flex-col gap-1.5">
          <legend className="mb-1.5 text-sm font-medium">Sensitivity</legend>
          <SensitivityControl agent={agent} source={source} />
        </fieldset>
        <Field hint="Days that raw lines are kept, 1 to 3650. Counts are kept longer." id="retention" label="Retention">
          <input
            className="field w-28"
            id="source-retention"
            inputMode="numeric"
            type="text"
            value={retention}
            onChange={(event) => setRetention(event.target.value)}
          />
        </Field>
        <Field
          hint="For times without a zone, and for what counts as the same hour of the day. An IANA name: Europe/Berlin, UTC."
          id="zone"
          label="Time zone"
        >
          <input
            className="field font-mono"
            id="source-zone"
            spellCheck={false}
            type="text"
            value={zone}
            onChange={(event) => setZone(event.target.value)}
          />
        </Field>
        <Field hint="Separated by commas. Routing and silences can match them." id="tags" label="Tags">
          <input
            className="field"
            id="source-tags"
            placeholder="payments, tier-1"
            type="text"
            value={tags}
            onChange={(event) => setTags(event.target.value)}
          />
        </Field>
        {problem !== null && (
          <p className="text-sm text-p2" role="alert">
            Not saved: {visibleText(problem)}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit">
            {busy ? 'Saving…' : 'Save'}
          </Button>
        </div>
      </form>
    </DialogBox>
  );
}

function changed(read: SourceChoice, now: ScopedSource['source']): SourcePatch {
  return {
    ...(read.retention_days === now.retention_days ? {} : { retention_days: read.retention_days }),
    ...(read.time_zone === now.time_zone ? {} : { time_zone: read.time_zone }),
    ...(read.tags.join('\n') === now.tags.join('\n') ? {} : { tags: read.tags }),
  };
}

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly children: ReactNode;
}

function Field({ id, label, hint, children }: FieldProps) {
  return (
    <div className="flex flex-col items-start gap-1.5">
      <label className="text-sm font-medium" htmlFor={`source-${id}`}>
        {label}
      </label>
      {children}
      <p className="text-xs text-text-3">{hint}</p>
    </div>
  );
}
