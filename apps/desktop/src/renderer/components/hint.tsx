import { useId, type ReactNode } from 'react';

interface HintProps {
  readonly text: string;
  readonly keys?: string | undefined;
  readonly side?: 'right' | 'below' | 'above';
  /** Gets the id of the hint, for `aria-describedby`. */
  readonly children: (hintId: string) => ReactNode;
}

const SIDES = {
  right: 'left-full top-1/2 ml-2 -translate-y-1/2',
  below: 'top-full left-1/2 mt-2 -translate-x-1/2',
  above: 'bottom-full left-1/2 mb-2 -translate-x-1/2',
} as const;

/** Words that appear beside a control on hover and on focus, and stay while the pointer is on them (WCAG 1.4.13). */
export function Hint({ text, keys, side = 'below', children }: HintProps) {
  const hintId = useId();
  return (
    <span className="group/hint relative inline-flex">
      {children(hintId)}
      <span className={`hint ${SIDES[side]}`} id={hintId} role="tooltip">
        {text}
        {keys !== undefined && <kbd className="key ml-2">{keys}</kbd>}
      </span>
    </span>
  );
}
