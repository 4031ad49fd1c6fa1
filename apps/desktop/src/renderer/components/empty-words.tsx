import type { ReactNode } from 'react';

interface EmptyWordsProps {
  /** What is, in a few words. */
  readonly title: string;
  /** What to do about it, or why that is well. */
  readonly children?: ReactNode;
}

/** In place of a list that has nothing in it. */
export function EmptyWords({ title, children }: EmptyWordsProps) {
  return (
    <div className="flex h-full min-h-24 flex-col items-center justify-center gap-2 p-4 text-center">
      <p className="text-sm text-text-1">{title}</p>
      {children !== undefined && <div className="max-w-[46ch] text-xs text-text-3">{children}</div>}
    </div>
  );
}
