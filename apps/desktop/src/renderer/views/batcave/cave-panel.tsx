import { useId, type ReactNode } from 'react';

interface CavePanelProps {
  /** `feed`: its place in the grid, see `.cave` in base.css. */
  readonly place: string;
  readonly title: string;
  readonly fact?: ReactNode;
  /** Opens the full view with the same scope; absent where there is none. */
  readonly onOpen?: () => void;
  /** Between the two panels that share a place on a small screen. */
  readonly swap?: ReactNode;
  /** It gives way to the other panel of its place on a small screen. */
  readonly behind?: boolean;
  readonly children: ReactNode;
}

/** A panel of the Batcave: always in the same place, its title leads to the whole view. */
export function CavePanel({ place, title, fact, onOpen, swap, behind = false, children }: CavePanelProps) {
  const titleId = useId();
  return (
    <section
      aria-labelledby={titleId}
      className="cave-panel flex min-h-0 min-w-0 flex-col overflow-hidden rounded-lg border border-line-1 bg-bg-1"
      data-behind={behind || undefined}
      style={{ gridArea: place }}
    >
      <header className="flex h-8 shrink-0 items-center gap-2.5 border-b border-line-1 px-2.5">
        <h2 className="text-sm font-semibold whitespace-nowrap" id={titleId}>
          {onOpen === undefined ? (
            title
          ) : (
            <button
              className="min-h-6 rounded-sm hover:text-accent"
              title={`Open ${title}`}
              type="button"
              onClick={onOpen}
            >
              {title}
            </button>
          )}
        </h2>
        <p className="min-w-0 flex-1 truncate text-xs text-text-3">{fact}</p>
        {swap}
      </header>
      <div className="flex min-h-0 flex-1 flex-col">{children}</div>
    </section>
  );
}

interface SwapProps<Name extends string> {
  readonly names: readonly (readonly [Name, string])[];
  readonly shown: Name;
  readonly onShow: (name: Name) => void;
}

/** Only where two panels share a place. */
export function Swap<Name extends string>({ names, shown, onShow }: SwapProps<Name>) {
  return (
    <span aria-label="Which panel" className="cave-swap gap-1" role="group">
      {names.map(([name, word]) => (
        <button
          aria-pressed={name === shown}
          className="h-6 rounded-md px-2 text-xs text-text-2 hover:bg-hover aria-pressed:bg-sel aria-pressed:font-semibold aria-pressed:text-text-1"
          key={name}
          type="button"
          onClick={() => onShow(name)}
        >
          {word}
        </button>
      ))}
    </span>
  );
}
