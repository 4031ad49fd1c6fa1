import { useState, type KeyboardEvent } from 'react';
import { ChoiceBar } from '../../components/choice-bar.tsx';
import { DialogBox } from '../../components/dialog-box.tsx';
import { useConsole, useIncidents, useView } from '../../stores/use-console.ts';
import { minuteOf } from '../../words/clock.ts';
import { QuestionTitle } from './question-title.tsx';
import type { QuestionProps } from './questions.tsx';
import { nextMorningMs } from './next-morning.ts';

const SCOPES = ['incident', 'source', 'service'] as const;
type Scope = (typeof SCOPES)[number];

/** For how long, by one more key; and how far it reaches, with what it would cover said before it is done. */
export function SilenceQuestion({ question, onClose }: QuestionProps) {
  const console = useConsole();
  const incidents = useIncidents();
  const clock = useView((view) => view.preferences.clock);
  const [scope, setScope] = useState<Scope>('incident');
  const [minutes, setMinutes] = useState('');
  const { refs } = question;
  const [first] = refs;
  const nowMs = console.now();
  const morning = nextMorningMs(nowMs, clock);

  const silence = (until: { readonly untilMs: number } | { readonly untilWorse: true }) => {
    onClose();
    incidents.act({ action: 'silence', scope, reason: '', ...until }, refs);
  };
  const choices = [
    { key: '1', label: '15 minutes', run: () => silence({ untilMs: console.now() + 15 * 60_000 }) },
    { key: '2', label: '1 hour', run: () => silence({ untilMs: console.now() + 3_600_000 }) },
    { key: '3', label: '4 hours', run: () => silence({ untilMs: console.now() + 4 * 3_600_000 }) },
    { key: '4', label: `until ${minuteOf(morning, clock)}`, run: () => silence({ untilMs: morning }) },
    { key: '5', label: 'until it gets worse', run: () => silence({ untilWorse: true }) },
  ];
  const custom = Number(minutes);
  const answer = (event: KeyboardEvent) => {
    const inField = event.target instanceof HTMLInputElement;
    const choice = inField ? undefined : choices.find(({ key }) => key === event.key);
    if (choice !== undefined) {
      event.preventDefault();
      if (!event.repeat) choice.run();
    } else if (event.key === 'c' && !inField) {
      event.preventDefault();
      document.getElementById('silence-minutes')?.focus();
    }
  };
  const covers = (kind: Scope) => {
    if (refs.length !== 1 || first === undefined) return '';
    const count = incidents.covered(first, kind);
    return kind === 'incident' ? 'this one' : `${count} open`;
  };
  return (
    <DialogBox label="Silence" onClose={onClose} onKeyDown={answer}>
      <QuestionTitle refs={refs} verb="Silence" />
      <div className="flex flex-col gap-3 p-4">
        <div className="flex flex-col gap-1">
          {choices.map(({ key, label, run }, i) => (
            <button autoFocus={i === 0} className="answer-row" key={key} type="button" onClick={run}>
              <kbd className="key">{key}</kbd> {label}
            </button>
          ))}
        </div>
        <form
          className="flex items-center gap-2 text-sm"
          onSubmit={(event) => {
            event.preventDefault();
            if (custom > 0) silence({ untilMs: console.now() + custom * 60_000 });
          }}
        >
          <kbd className="key">c</kbd>
          <label className="text-text-2" htmlFor="silence-minutes">
            minutes
          </label>
          <input
            className="field w-24"
            id="silence-minutes"
            inputMode="numeric"
            max={43_200}
            min={1}
            type="number"
            value={minutes}
            onChange={(event) => setMinutes(event.target.value)}
          />
          <span className="text-xs text-text-3">Enter</span>
        </form>
        <div className="flex items-center gap-3">
          <ChoiceBar
            choices={SCOPES.map((value) => ({
              value,
              label: { incident: 'Incident', source: 'Source', service: 'Service' }[value],
              detail: covers(value),
            }))}
            label="How far it reaches"
            value={scope}
            onChange={setScope}
          />
        </div>
        <p className="text-xs text-text-3">
          A silence never covers what is worse than now: a higher severity, or a pattern that is new, ends it.
        </p>
      </div>
    </DialogBox>
  );
}
