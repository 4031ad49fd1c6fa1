import { useId, useRef } from 'react';
import type { TextMistake } from './checked-text.ts';

interface JsonEditorProps {
  readonly label: string;
  readonly text: string;
  readonly mistakes: readonly TextMistake[];
  readonly readOnly: boolean;
  readonly onChange: (text: string) => void;
}

const LINE_PX = 20;

/** Text with line numbers; the lines that hold a mistake are marked, and each mistake leads to its place. Tab leaves. */
export function JsonEditor({ label, text, mistakes, readOnly, onChange }: JsonEditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const listId = useId();
  const lines = text.split('\n');
  const wrong = new Set(mistakes.map(({ line }) => line));
  const goTo = ({ line, column }: TextMistake) => {
    const offset = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
    area.current?.focus();
    area.current?.setSelectionRange(offset, offset);
    if (area.current !== null) area.current.scrollTop = (line - 4) * LINE_PX;
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-2">
      <div className="flex min-h-32 flex-1 overflow-hidden rounded-md border border-line-2 bg-bg-0 font-mono text-xs leading-5 focus-within:border-focus">
        <div
          aria-hidden="true"
          className="w-10 shrink-0 overflow-hidden border-r border-line-1 py-2 text-right text-text-3 select-none"
          ref={gutter}
        >
          {lines.map((_, i) => (
            <div className={`pr-2 ${wrong.has(i + 1) ? 'bg-p1 font-semibold text-ink' : ''}`} key={i}>
              {i + 1}
            </div>
          ))}
        </div>
        <textarea
          aria-describedby={mistakes.length > 0 ? listId : undefined}
          aria-invalid={mistakes.length > 0}
          aria-label={label}
          className="min-w-0 flex-1 resize-none bg-transparent px-2 py-2 whitespace-pre text-text-1 outline-none"
          readOnly={readOnly}
          ref={area}
          spellCheck={false}
          value={text}
          wrap="off"
          onChange={(event) => onChange(event.target.value)}
          onScroll={(event) => {
            if (gutter.current !== null) gutter.current.scrollTop = event.currentTarget.scrollTop;
          }}
        />
      </div>
      {mistakes.length > 0 && (
        <ul aria-label="Mistakes" className="max-h-24 shrink-0 overflow-y-auto text-xs" id={listId}>
          {mistakes.map((mistake) => (
            <li key={`${mistake.line} ${mistake.column} ${mistake.message}`}>
              <button
                className="flex min-h-6 w-full gap-2 rounded-sm px-1 text-left hover:bg-hover"
                type="button"
                onClick={() => goTo(mistake)}
              >
                <span className="shrink-0 text-lv-error">
                  {mistake.line}:{mistake.column}
                </span>
                <span className="text-text-1">{mistake.message}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
