import type { Severity } from '@sentinellog/shared';

/** Octagon, triangle, diamond, dot: readable without any colour at all (ux §4.2). */
const SHAPES: Readonly<Record<Severity, string>> = {
  P1: 'M4.5 1.2h5L12.8 4.5v5L9.5 12.8h-5L1.2 9.5v-5z',
  P2: 'M7 1.4 13.2 12.4H.8z',
  P3: 'M7 .9 13.1 7 7 13.1.9 7z',
  P4: 'M7 3.2a3.8 3.8 0 1 1 0 7.6 3.8 3.8 0 0 1 0-7.6Z',
};

/** Weight carries rank: only P1 is ever a solid fill. */
const CHIPS: Readonly<Record<Severity, string>> = {
  P1: 'bg-p1 text-ink border-p1',
  P2: 'bg-p2-tint text-p2 border-p2',
  P3: 'text-p3 border-p3',
  P4: 'text-p4 border-p4/60',
};

export function SeverityShape({ severity, size = 12 }: { readonly severity: Severity; readonly size?: number }) {
  return (
    <svg aria-hidden="true" className="shrink-0" fill="currentColor" height={size} viewBox="0 0 14 14" width={size}>
      <path d={SHAPES[severity]} />
    </svg>
  );
}

interface SeverityBadgeProps {
  readonly severity: Severity;
  /** What stands after the shape and "P1": a score or a count. */
  readonly children?: string | number;
  /** Nothing to shout about: drawn as plain text. */
  readonly calm?: boolean;
}

/** Shape and word, always both. */
export function SeverityBadge({ severity, children, calm = false }: SeverityBadgeProps) {
  const look = calm ? 'border-transparent text-text-3' : CHIPS[severity];
  return (
    <span
      className={`inline-flex h-6 shrink-0 items-center gap-1.5 rounded-md border px-2 text-xs font-semibold whitespace-nowrap tabular-nums ${look}`}
      data-severity={severity}
    >
      <SeverityShape severity={severity} />
      {severity} {children !== undefined && <span className="font-medium">{children}</span>}
    </span>
  );
}
