import type { ReactNode } from 'react';

interface NoticeProps {
  readonly tone: 'warn' | 'bad' | 'quiet';
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

const LOOKS = {
  warn: 'border-p2/50 bg-p2-tint text-text-1',
  bad: 'border-p1/60 bg-bg-2 text-text-1',
  quiet: 'border-line-1 bg-bg-2 text-text-2',
} as const;

/** A banner inside its panel: what failed, what still works, and what to do; the rest of the screen stays. */
export function Notice({ tone, children, action }: NoticeProps) {
  return (
    <div className={`flex items-center gap-3 rounded-md border px-3 py-2 text-sm ${LOOKS[tone]}`} role="status">
      <div className="min-w-0 flex-1">{children}</div>
      {action}
    </div>
  );
}
