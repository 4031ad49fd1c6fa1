import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { DialogBox } from '../../components/dialog-box.tsx';
import { useIncidents } from '../../stores/use-console.ts';
import { visibleText } from '../../words/visible-text.ts';
import { QuestionTitle } from './question-title.tsx';
import type { QuestionProps } from './questions.tsx';

const OFFERED = 6;

/** To whom: names that have been seen at this desk are offered, any other can be typed. */
export function AssignQuestion({ question, onClose }: QuestionProps) {
  const incidents = useIncidents();
  const { refs } = question;
  const people = incidents.people(refs[0]?.agentId ?? '');
  const [name, setName] = useState('');
  const wanted = name.trim().toLowerCase();
  const offered = people.filter((one) => one.toLowerCase().includes(wanted)).slice(0, OFFERED);
  const assign = (to: string | null) => {
    onClose();
    incidents.act({ action: 'assign', to }, refs);
  };
  return (
    <DialogBox label="Assign" onClose={onClose}>
      <QuestionTitle refs={refs} verb="Assign" />
      <form
        className="flex flex-col gap-2 p-4"
        onSubmit={(event) => {
          event.preventDefault();
          const to = wanted === '' ? offered[0] : (offered.find((one) => one.toLowerCase() === wanted) ?? name.trim());
          if (to !== undefined) assign(to);
        }}
      >
        <input
          aria-label="Name"
          autoFocus
          className="field"
          maxLength={100}
          placeholder="Name"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        {offered.map((one) => (
          <button className="answer-row" key={one} type="button" onClick={() => assign(one)}>
            {visibleText(one)}
          </button>
        ))}
        <div className="mt-1 flex gap-2">
          <Button look="primary" type="submit">
            Assign <kbd className="key key-inline">Enter</kbd>
          </Button>
          <Button onClick={() => assign(null)}>Nobody</Button>
        </div>
      </form>
    </DialogBox>
  );
}
