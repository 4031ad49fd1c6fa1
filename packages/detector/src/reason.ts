import type { Signal } from '@sentinellog/shared';
import type { WindowView } from './detector.ts';

/** `38 of 62 lines were errors in 5 s where 0.4 % are normal (11.2σ above)`; `4 lines in 1 min where 310 are normal (8.0σ below)`. */
export function deviationInWords(window: WindowView, score: number): string {
  const size = `${Math.abs(score).toFixed(1)}σ ${score < 0 ? 'below' : 'above'}`;
  return `${SENTENCE[window.signal](window)} normal (${size})`;
}

const SENTENCE: Readonly<Record<Signal, (window: WindowView) => string>> = {
  volume: ({ count, seconds, mean }) =>
    `${plural(count, 'line')} in ${duration(seconds)} where ${rounded(mean)} ${rounded(mean) === '1' ? 'is' : 'are'}`,
  error_rate: ({ count, events, seconds, mean }) =>
    `${count} of ${plural(events, 'line')} ${count === 1 ? 'was an error' : 'were errors'} in ${duration(seconds)} where ${percent(mean / Math.max(1, events))} are`,
};

/** `10 s`, `5 min`, `1 h 20 min`. */
export function duration(seconds: number): string {
  if (seconds < 60 || (seconds < 120 && seconds % 60 !== 0)) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function plural(count: number, noun: string): string {
  return `${rounded(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `840 ms`, `12.5 s`. */
export function milliseconds(ms: number): string {
  return ms >= 10_000 ? `${Number((ms / 1000).toPrecision(3))} s` : `${rounded(ms)} ms`;
}

export function rounded(value: number): string {
  return value >= 10 || Number.isInteger(value) ? String(Math.round(value)) : String(Number(value.toPrecision(2)));
}

function percent(share: number): string {
  const value = share * 100;
  return `${value >= 10 ? Math.round(value) : Number(value.toPrecision(2))} %`;
}
