import { LogText } from './log-text.tsx';

/** What varies is written so in a template. */
const VARIABLE = '<*>';

interface TemplateTextProps {
  readonly text: string;
  /** The commonest value at each varying place, by position, for the title of its token. */
  readonly valuesAt?: (position: number) => string | undefined;
}

/** A template as people read it: the fixed words plain, what varies as tokens. */
export function TemplateText({ text, valuesAt }: TemplateTextProps) {
  return text.split(VARIABLE).map((fixed, i) => (
    // Templates never change: the place is what a part is.
    <span key={i}>
      {i > 0 && (
        <span
          className="mx-px rounded-sm bg-bg-3 px-1 text-2xs text-lv-info"
          title={valuesAt?.(i - 1) ?? 'varies from line to line'}
        >
          ∗<span className="sr-only"> a value </span>
        </span>
      )}
      <LogText text={fixed} />
    </span>
  ));
}
