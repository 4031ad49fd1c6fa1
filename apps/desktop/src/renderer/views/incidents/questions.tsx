import { useEffect } from 'react';
import type { IncidentQuestion } from '../../stores/incident-console.ts';
import { useIncidents, useIncidentView } from '../../stores/use-console.ts';
import { AssignQuestion } from './assign-question.tsx';
import { ConfirmQuestion } from './confirm-question.tsx';
import { NoteQuestion } from './note-question.tsx';
import { SeverityQuestion } from './severity-question.tsx';
import { SilenceQuestion } from './silence-question.tsx';

export interface QuestionProps {
  readonly question: IncidentQuestion;
  readonly onClose: () => void;
}

/** Whatever stands between a key and its effect at the moment. */
export function Questions() {
  const incidents = useIncidents();
  const question = useIncidentView((view) => view.question);
  useEffect(() => {
    if (question === null) return;
    const { typedAhead } = incidents.view.getState();
    incidents.view.setState({ typedAhead: [] });
    for (const key of typedAhead) {
      document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    }
  }, [incidents, question]);
  if (question === null) return null;
  const props: QuestionProps = { question, onClose: () => incidents.ask(null) };
  switch (question.type) {
    case 'silence':
      return <SilenceQuestion {...props} />;
    case 'severity':
      return <SeverityQuestion {...props} />;
    case 'assign':
      return <AssignQuestion {...props} />;
    case 'note':
      return <NoteQuestion {...props} />;
    case 'stillFiring':
    case 'ackAll':
    case 'merge':
      return <ConfirmQuestion {...props} />;
    default:
      return question satisfies never;
  }
}
