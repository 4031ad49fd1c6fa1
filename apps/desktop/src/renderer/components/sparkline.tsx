/** A line and its band, ready to be drawn; null is a gap. All of one length. */
export interface SparklineData {
  readonly value: readonly (number | null)[];
  readonly lower: readonly (number | null)[];
  readonly upper: readonly (number | null)[];
}

interface SparklineProps {
  readonly data: SparklineData;
  readonly width: number;
  readonly height: number;
}

/** The last minutes of a series at a glance. Decoration: what it shows is said in words beside it. */
export function Sparkline({ data, width, height }: SparklineProps) {
  const known = [...data.value, ...data.upper].filter((value) => value !== null);
  if (known.length === 0) return <svg aria-hidden="true" height={height} width={width} />;
  const top = Math.max(...known, Number.MIN_VALUE) * 1.08;
  const x = (i: number) => (i / Math.max(1, data.value.length - 1)) * width;
  const y = (value: number) => height - 1 - (value / top) * (height - 2);
  return (
    <svg aria-hidden="true" className="shrink-0" height={height} viewBox={`0 0 ${width} ${height}`} width={width}>
      <path d={bandPath(data, x, y)} fill="var(--color-chart-band)" />
      <path
        d={linePath(data.value, x, y)}
        fill="none"
        stroke="var(--color-chart-line)"
        strokeLinejoin="round"
        strokeWidth="1.25"
      />
    </svg>
  );
}

type Scale = (n: number) => number;

/** Gaps stay gaps: a line across them would be a reading that nobody took. */
export function linePath(values: readonly (number | null)[], x: Scale, y: Scale): string {
  let path = '';
  let pen = false;
  for (const [i, value] of values.entries()) {
    if (value !== null) path += `${pen ? 'L' : 'M'}${x(i).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = value !== null;
  }
  return path;
}

/** The band as one closed shape for each stretch in which both of its edges are known. */
export function bandPath({ lower, upper }: Pick<SparklineData, 'lower' | 'upper'>, x: Scale, y: Scale): string {
  let path = '';
  let from = 0;
  for (let i = 0; i <= upper.length; i++) {
    if (i < upper.length && upper[i] !== null && lower[i] !== null) continue;
    if (i - from > 1) {
      const over = upper.slice(from, i).map((value, at) => `${x(from + at).toFixed(1)} ${y(value ?? 0).toFixed(1)}`);
      const under = lower.slice(from, i).map((value, at) => `${x(from + at).toFixed(1)} ${y(value ?? 0).toFixed(1)}`);
      path += `M${[...over, ...under.toReversed()].join('L')}Z`;
    }
    from = i + 1;
  }
  return path;
}
