import { useId, type ReactNode } from 'react';

interface PanelProps {
  readonly title: string;
  /** One line of fact beside the title. */
  readonly fact?: ReactNode;
  /** Controls at the right end of the title bar. */
  readonly tools?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Panel({ title, fact, tools, className = '', children }: PanelProps) {
  const titleId = useId();
  return (
    <section
      aria-labelledby={titleId}
      className={`flex min-w-0 flex-col rounded-lg border border-line-1 bg-bg-1 ${className}`}
    >
      <header className="flex h-9 shrink-0 items-center gap-2.5 border-b border-line-1 px-3">
        <h2 className="text-sm font-semibold whitespace-nowrap text-text-1" id={titleId}>
          {title}
        </h2>
        <p className="min-w-0 flex-1 truncate text-xs text-text-3">{fact}</p>
        {tools}
      </header>
      {children}
    </section>
  );
}
