import type { Direction, Severity } from '@sentinellog/shared';

/** Shape says which way, fill and size say how loud (ux §3.2). */
const SIZES: Readonly<Record<Severity, number>> = { P1: 14, P2: 11, P3: 11, P4: 9 };
const STROKES: Readonly<Record<Severity, number>> = { P1: 0, P2: 0, P3: 2, P4: 1.5 };
const COLOURS: Readonly<Record<Severity, string>> = {
  P1: 'text-p1',
  P2: 'text-p2',
  P3: 'text-p3',
  P4: 'text-p4',
};

interface MarkerGlyphProps {
  readonly severity: Severity;
  readonly direction: Direction;
  /** It is not there: hollow, dotted, in no severity's colour. */
  readonly isGhost?: boolean;
}

/** ▲ for a spike, ▼ for a drop. */
export function MarkerGlyph({ severity, direction, isGhost = false }: MarkerGlyphProps) {
  const size = SIZES[severity];
  const stroke = isGhost ? 1.5 : STROKES[severity];
  const inset = stroke / 2 + 0.5;
  const far = size - inset;
  const points =
    direction === 'high'
      ? `${size / 2},${inset} ${far},${far} ${inset},${far}`
      : `${size / 2},${far} ${far},${inset} ${inset},${inset}`;
  return (
    <svg
      aria-hidden="true"
      className={`shrink-0 overflow-visible ${isGhost ? 'text-text-1' : COLOURS[severity]}`}
      height={size}
      viewBox={`0 0 ${size} ${size}`}
      width={size}
    >
      {severity === 'P1' && !isGhost && (
        <circle cx={size / 2} cy={size / 2} fill="none" opacity="0.55" r={size / 2 + 2} stroke="currentColor" />
      )}
      <polygon
        fill={stroke === 0 ? 'currentColor' : 'var(--color-bg-1)'}
        points={points}
        stroke="currentColor"
        strokeDasharray={isGhost ? '2 1.5' : undefined}
        strokeLinejoin="round"
        strokeWidth={stroke}
      />
    </svg>
  );
}
