import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { DialogBox } from '../../components/dialog-box.tsx';
import { refKey } from '../../stores/incident-ref.ts';
import { useDesk, useIncidents } from '../../stores/use-console.ts';
import { QuestionTitle } from './question-title.tsx';
import type { QuestionProps } from './questions.tsx';

/** A note; what is typed outlives Esc, a failure, and a walk to another incident. */
export function NoteQuestion({ question, onClose }: QuestionProps) {
  const incidents = useIncidents();
  const { refs } = question;
  const [first] = refs;
  const draft = useDesk((desk) => (first === undefined ? undefined : desk.drafts.get(refKey(first))));
  const [text, setText] = useState(draft ?? '');
  const send = () => {
    if (text.trim() === '') return;
    if (first !== undefined) incidents.desk.setDraft(first, '');
    incidents.ask(null);
    incidents.act({ action: 'notes', text: text.trim() }, refs);
  };
  const leave = () => {
    if (first !== undefined) incidents.desk.setDraft(first, text);
    onClose();
  };
  return (
    <DialogBox label="Note" onClose={leave}>
      <QuestionTitle refs={refs} verb="Note on" />
      <form
        className="flex flex-col gap-3 p-4"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <textarea
          aria-label="Note"
          autoFocus
          className="field h-32 resize-y py-2"
          maxLength={8000}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
              event.preventDefault();
              send();
            } else if (event.key === 'Escape') {
              event.preventDefault();
              event.stopPropagation();
              leave();
            }
          }}
        />
        <div className="flex items-center gap-3">
          <Button disabledReason={text.trim() === '' ? 'there is nothing to send' : null} look="primary" type="submit">
            Send <kbd className="key key-inline">Ctrl+Enter</kbd>
          </Button>
          <span className="text-xs text-text-3">Esc keeps it as a draft. A note stays in the timeline for good.</span>
        </div>
      </form>
    </DialogBox>
  );
}
