import { useEffect, useRef, type KeyboardEvent } from 'react';
import { Button } from '../../components/button.tsx';
import { DialogBox } from '../../components/dialog-box.tsx';
import { SEVERITIES } from '@sentinellog/shared';
import type { IncidentQuestion } from '../../stores/incident-console.ts';
import { useIncidents } from '../../stores/use-console.ts';
import { sigmas } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';
import { QuestionTitle } from './question-title.tsx';
import type { QuestionProps } from './questions.tsx';

type Confirmed = Extract<IncidentQuestion['type'], 'stillFiring' | 'ackAll' | 'merge'>;
const VERBS: Readonly<Record<Confirmed, string>> = {
  stillFiring: 'Resolve',
  ackAll: 'Acknowledge',
  merge: 'Merge',
};

/** `y` does it; never the key that asked, never Enter, and the focus starts on Cancel. */
export function ConfirmQuestion({ question, onClose }: QuestionProps) {
  const incidents = useIncidents();
  const cancel = useRef<HTMLButtonElement>(null);
  useEffect(() => cancel.current?.focus(), []);
  const { type, refs } = question;
  const confirm = () => {
    onClose();
    if (type === 'stillFiring') incidents.act({ action: 'resolve', force: true }, refs);
    else if (type === 'ackAll') incidents.act({ action: 'ack' }, refs);
    else if (type === 'merge') incidents.merge(refs);
  };
  const silence = () => incidents.ask({ type: 'silence', refs });
  const answer = (event: KeyboardEvent) => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'y') {
      event.preventDefault();
      confirm();
    } else if (event.key === 's' && type === 'stillFiring') {
      event.preventDefault();
      silence();
    }
  };
  return (
    <DialogBox label={VERBS[type as Confirmed]} onClose={onClose} onKeyDown={answer}>
      <QuestionTitle refs={refs} verb={VERBS[type as Confirmed]} />
      <div className="flex flex-col gap-4 p-4 text-sm">
        <ConfirmWords question={question} />
        <div className="flex gap-2">
          <button
            className="h-7 rounded-md border border-line-2 px-3 text-sm hover:bg-hover"
            ref={cancel}
            type="button"
            onClick={onClose}
          >
            Cancel <kbd className="key key-inline">Esc</kbd>
          </button>
          <Button look="danger" onClick={confirm}>
            {VERBS[type as Confirmed]} <kbd className="key key-inline">y</kbd>
          </Button>
          {type === 'stillFiring' && (
            <Button onClick={silence}>
              Silence instead <kbd className="key key-inline">s</kbd>
            </Button>
          )}
        </div>
      </div>
    </DialogBox>
  );
}

function ConfirmWords({ question: { type, refs } }: { readonly question: IncidentQuestion }) {
  const incidents = useIncidents();
  const rows = refs.flatMap((ref) => incidents.desk.row(ref) ?? []);
  if (type === 'stillFiring') {
    const score = rows[0]?.incident.peak_score;
    return (
      <p>
        It still fires{score === undefined ? '' : ` (up to ${sigmas(score)})`}: resolving will re-open it as soon as it
        is seen again. Silence it if it is known.
      </p>
    );
  }
  if (type === 'merge') {
    const [worst, ...others] = incidents.mergeOrder(refs);
    return (
      <>
        <p>
          These {others.length} become part of <strong>{worst?.incident.key}</strong> (
          {visibleText(worst?.incident.title ?? '')}) and end as merged. This cannot be undone.
        </p>
        <ul className="list-disc pl-5 text-text-2">
          {others.slice(0, 5).map(({ incident }) => (
            <li key={incident.incident_id}>
              {incident.key} {visibleText(incident.title)}
            </li>
          ))}
        </ul>
      </>
    );
  }
  const counts = SEVERITIES.flatMap((severity) => {
    const count = rows.filter(({ incident }) => incident.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}`];
  });
  return <p>All that are shown and not acknowledged: {counts.join(', ')}. z takes it back, each to what it was.</p>;
}
