import { useRef, type KeyboardEvent } from 'react';

export interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: string;
  /** A quieter second part of the label. */
  readonly detail?: string;
  readonly title?: string;
}

interface ChoiceBarProps<Value extends string> {
  readonly label: string;
  readonly choices: readonly Choice<Value>[];
  readonly value: Value;
  readonly disabledReason?: string | null | undefined;
  readonly onChange: (value: Value) => void;
}

/** One of a few, all in sight: a radio group whose arrows move and choose, as radio buttons do. */
export function ChoiceBar<Value extends string>({
  label,
  choices,
  value,
  disabledReason = null,
  onChange,
}: ChoiceBarProps<Value>) {
  const group = useRef<HTMLDivElement>(null);
  const choose = (next: Value) => {
    if (disabledReason === null && next !== value) onChange(next);
  };
  const move = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = choices.findIndex((choice) => choice.value === value);
    const next = (at + step + choices.length) % choices.length;
    choose(choices[next]!.value);
    group.current?.querySelectorAll('button')[next]?.focus();
  };
  return (
    <div
      aria-disabled={disabledReason !== null || undefined}
      aria-label={label}
      className="inline-flex shrink-0 rounded-md border border-line-2 bg-bg-0 p-px aria-disabled:opacity-60"
      ref={group}
      role="radiogroup"
      title={disabledReason ?? undefined}
      onKeyDown={move}
    >
      {choices.map((choice) => (
        <button
          aria-checked={choice.value === value}
          className="inline-flex h-6 items-center gap-1.5 rounded-[5px] px-2.5 text-xs text-text-2 transition-colors hover:text-text-1 aria-checked:bg-sel aria-checked:font-semibold aria-checked:text-text-1 aria-checked:shadow-[inset_0_0_0_1px_var(--color-accent)]"
          key={choice.value}
          role="radio"
          tabIndex={choice.value === value ? 0 : -1}
          title={choice.title}
          type="button"
          onClick={() => choose(choice.value)}
        >
          {choice.label}
          {choice.detail !== undefined && <span className="font-normal text-text-3">{choice.detail}</span>}
        </button>
      ))}
    </div>
  );
}
