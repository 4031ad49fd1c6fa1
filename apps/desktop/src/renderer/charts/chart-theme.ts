/** The colours of the charts, read from the style sheet: canvas cannot use custom properties by itself. */
export interface ChartTheme {
  readonly line: string;
  readonly mean: string;
  readonly band: string;
  readonly bandEdge: string;
  readonly threshold: string;
  readonly gap: string;
  readonly gapText: string;
  readonly grid: string;
  readonly axis: string;
  readonly text: string;
  /** What the chart lies on. */
  readonly ground: string;
  readonly select: string;
  readonly clusters: readonly string[];
  readonly font: string;
}

/** Told apart without colour too (ux §4.3). */
export const CLUSTER_DASHES: readonly (readonly number[])[] = [[], [8, 3], [2, 3], [10, 3, 2, 3], [5, 5], [1, 3]];

export function readChartTheme(root: Element): ChartTheme {
  const style = getComputedStyle(root);
  const token = (name: string) => style.getPropertyValue(`--color-${name}`).trim();
  if (matchMedia('(forced-colors: active)').matches) return forcedTheme(style);
  return {
    line: token('chart-line'),
    mean: token('chart-mean'),
    band: token('chart-band'),
    bandEdge: token('chart-band-edge'),
    threshold: token('chart-threshold'),
    gap: token('chart-gap'),
    gapText: token('text-2'),
    grid: token('chart-grid'),
    axis: token('chart-axis'),
    text: token('text-1'),
    ground: token('bg-1'),
    select: token('accent'),
    clusters: [1, 2, 3, 4, 5, 6].map((n) => token(`cluster-${n}`)),
    font: `11px ${style.getPropertyValue('--font-sans')}`,
  };
}

/** In forced colours only the system's own words for colours are honoured; dashes and labels tell lines apart. */
function forcedTheme(style: CSSStyleDeclaration): ChartTheme {
  return {
    line: 'LinkText',
    mean: 'GrayText',
    band: 'transparent',
    bandEdge: 'GrayText',
    threshold: 'Highlight',
    gap: 'GrayText',
    gapText: 'CanvasText',
    // A grid as strong as the lines would hide them; the axis words carry the scale.
    grid: 'transparent',
    axis: 'CanvasText',
    text: 'CanvasText',
    ground: 'Canvas',
    select: 'Highlight',
    clusters: Array.from({ length: 6 }, () => 'LinkText'),
    font: `11px ${style.getPropertyValue('--font-sans')}`,
  };
}
