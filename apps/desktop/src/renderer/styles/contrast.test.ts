import { describe, expect, it } from 'vitest';
import css from './tokens.css?raw';

const theme = css.slice(0, css.indexOf('@media'));

type Rgb = readonly [number, number, number];

function token(name: string): { rgb: Rgb; alpha: number } {
  const value = new RegExp(`--color-${name}:\\s*([^;]+);`).exec(theme)?.[1];
  if (value === undefined) throw new Error(`tokens.css has no --color-${name}`);
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/.exec(value);
  if (hex) return { rgb: [parseInt(hex[1]!, 16), parseInt(hex[2]!, 16), parseInt(hex[3]!, 16)], alpha: 1 };
  const rgb = /^rgb\((\d+) (\d+) (\d+)(?: \/ ([\d.]+))?\)$/.exec(value);
  if (rgb) return { rgb: [Number(rgb[1]), Number(rgb[2]), Number(rgb[3])], alpha: Number(rgb[4] ?? 1) };
  throw new Error(`--color-${name} is neither #rrggbb nor rgb(): ${value}`);
}

function over(name: string, backdrop: Rgb): Rgb {
  const { rgb, alpha } = token(name);
  const mix = (i: 0 | 1 | 2) => rgb[i] * alpha + backdrop[i] * (1 - alpha);
  return [mix(0), mix(1), mix(2)];
}

/** WCAG 2.2, relative luminance. */
function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((channel) => {
    const c = channel / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function ratio(front: string, backdrop: string, base = 'bg-1'): number {
  const back = over(backdrop, token(base).rgb);
  const [a, b] = [luminance(over(front, back)), luminance(back)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

const SURFACES = ['bg-0', 'bg-1', 'bg-2', 'bg-3', 'hover', 'sel'] as const;

describe('Midnight Pro', () => {
  it.each([
    ['text-1', [16.33, 15.28, 13.91, 12.12, 13.3, 12.7]],
    ['text-2', [10.69, 10.01, 9.11, 7.94, 8.71, 8.32]],
    ['text-3', [7.34, 6.87, 6.26, 5.45, 5.98, 5.71]],
    ['text-dis', [4.01, 3.75, 3.42, 2.98]],
    ['accent', [8.3, 7.77, 7.07, 6.16, 6.76, 6.46]],
    ['focus', [11.1, 10.39, 9.46, 8.24, 9.04, 8.64]],
    ['line-1', [1.49, 1.39, 1.27, 1.1]],
    ['line-2', [4.16, 3.89, 3.54, 3.09, 3.39, 3.24]],
  ])('%s keeps its contrast on every surface', (name, expected) => {
    for (const [i, value] of expected.entries()) expect(ratio(name, SURFACES[i]!)).toBeCloseTo(value, 1);
  });

  it('holds AAA for body text, AA for meta text and 3:1 for the edges of controls, everywhere', () => {
    for (const surface of SURFACES) {
      expect(ratio('text-1', surface)).toBeGreaterThanOrEqual(7);
      expect(ratio('text-2', surface)).toBeGreaterThanOrEqual(7);
      expect(ratio('text-3', surface)).toBeGreaterThanOrEqual(4.5);
      expect(ratio('line-2', surface)).toBeGreaterThanOrEqual(3);
      expect(ratio('focus', surface)).toBeGreaterThanOrEqual(3);
    }
  });

  it.each([
    ['p1', 5.69, 4.51, 4.73],
    ['p2', 8.21, 6.51, 6.82],
    ['p3', 15.24, 12.09, 12.67],
    ['p4', 7.11, 5.64, 5.91],
    ['ok', 9.75, 7.74, 8.11],
    ['quiet', 8.22, 6.52, 6.83],
  ])('%s is readable on a panel, an overlay and a selected row', (name, panel, overlay, selected) => {
    expect(ratio(name, 'bg-1')).toBeCloseTo(panel, 1);
    expect(ratio(name, 'bg-3')).toBeCloseTo(overlay, 1);
    expect(ratio(name, 'sel')).toBeCloseTo(selected, 1);
  });

  it.each([
    ['accent', 8.3],
    ['p1', 6.08],
    ['p2', 8.77],
    ['p3', 16.28],
    ['p4', 7.59],
    ['ok', 10.42],
  ])('ink is readable on a fill of %s', (fill, expected) => {
    expect(ratio('ink', fill)).toBeCloseTo(expected, 1);
  });

  it.each([
    ['lv-error', 8.56],
    ['lv-warn', 10.34],
    ['lv-info', 9.52],
    ['lv-debug', 6.87],
    ['chart-line', 9.34],
    ['chart-mean', 5.79],
    ['chart-band-edge', 4.51],
    ['chart-threshold', 8.21],
    ['chart-axis', 6.87],
    ['cluster-1', 11.3],
    ['cluster-2', 4.9],
    ['cluster-3', 6.6],
    ['cluster-4', 5.8],
    ['cluster-5', 13.8],
    ['cluster-6', 15.4],
  ])('%s stands out from a panel', (name, expected) => {
    expect(ratio(name, 'bg-1')).toBeCloseTo(expected, 0);
    expect(ratio(name, 'bg-1')).toBeGreaterThanOrEqual(4.5);
  });

  it('keeps the line and the meta text readable on the band', () => {
    expect(ratio('chart-line', 'chart-band')).toBeCloseTo(7.12, 1);
    expect(ratio('text-3', 'chart-band')).toBeCloseTo(5.24, 1);
  });

  it('keeps P2 readable on its own tint', () => {
    expect(ratio('p2', 'p2-tint')).toBeGreaterThanOrEqual(4.5);
  });
});
