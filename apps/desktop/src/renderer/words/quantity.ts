import type { DrawnSignal } from '@sentinellog/shared';

const EXACT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const ONE_DIGIT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const TWO_DIGITS = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 2 });
const SI_STEPS = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** 18402 → `18,402`; below ten one digit after the point, below one two significant ones: `0.033`. */
export function exactly(value: number): string {
  const size = Math.abs(value);
  if (size < 1 && size > 0) return TWO_DIGITS.format(value);
  return size < 10 ? ONE_DIGIT.format(value) : EXACT.format(value);
}

/** 1400 → `1.4 k`: for axes and tiles, where room is short. Never `0` for what is merely small. */
export function briefly(value: number): string {
  const size = Math.abs(value);
  for (const [step, letter] of SI_STEPS) {
    // 999,950 would round up to `1,000 k`.
    if (size >= step * 0.99995) return `${ONE_DIGIT.format(value / step)} ${letter}`;
  }
  // What is under a tenth is noise on a tile; what is not zero must not be written as zero.
  if (size > 0 && size < 0.1) return '<0.1';
  return size < 1 ? ONE_DIGIT.format(value) : exactly(value);
}

/** A share of 0 … 1 → `4.2 %`. */
export function percent(share: number): string {
  return `${exactly(share * 100)} %`;
}

/** A duration: 840 → `840 ms`, 2400 → `2.4 s`. */
export function milliseconds(ms: number): string {
  return ms < 1000 ? `${exactly(ms)} ms` : `${exactly(ms / 1000)} s`;
}

const READINGS: Readonly<Record<DrawnSignal, (value: number) => string>> = {
  volume: (value) => `${exactly(value)}/s`,
  error_rate: percent,
  latency_p99: milliseconds,
};

/** A reading of a signal with its unit: events per second, the share of events that are errors, or how long the slowest took. */
export function reading(signal: DrawnSignal, value: number): string {
  return READINGS[signal](value);
}

/** As `reading`, where room is short: events per second go without their unit. */
export function briefReading(signal: DrawnSignal, value: number): string {
  return signal === 'volume' ? briefly(value) : reading(signal, value);
}

/** What a signal is counted in, for a line of facts. */
export const SIGNAL_UNITS: Readonly<Record<DrawnSignal, string>> = {
  volume: 'lines/s',
  error_rate: 'errors/lines',
  latency_p99: 'ms, of 99 in 100 durations',
};

/** A signed deviation, for a badge: 14.2 → `14.2σ`; the side is told by shape and word beside it. */
export function sigmas(z: number): string {
  return `${Math.abs(z).toFixed(1)}σ`;
}

const BYTE_STEPS = [
  [1024 ** 3, 'GiB'],
  [1024 ** 2, 'MiB'],
  [1024, 'KiB'],
] as const;

export function bytes(count: number): string {
  for (const [step, unit] of BYTE_STEPS) {
    if (count >= step) return `${ONE_DIGIT.format(count / step)} ${unit}`;
  }
  return `${EXACT.format(count)} B`;
}

/** `1 source`, `8 sources`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${EXACT.format(count)} ${count === 1 ? one : many}`;
}
