import type { Signal } from '@sentinellog/shared';
import type { ExpectedMinute } from '../pipeline/checkpoint.ts';

export type Expectation = Pick<ExpectedMinute, 'rate' | 'dispersion' | 'relative' | 'sigma'>;

/** `stddev` is null where there is none to give: the share of errors among no events. */
export interface ExpectedValue {
  readonly mean: number;
  readonly stddev: number | null;
}

/**
 * What a series is expected to be over a window, in the unit of its value column.
 * volume: mean = rate·w, σ² = dispersion·rate·w + (relative·rate·w)²: over-dispersed counting noise, and noise in proportion.
 * error_rate: mean = rate (a share), σ² = dispersion·rate·(1−rate)/events + relative².
 */
export function expectationOver(signal: Signal, expected: Expectation, seconds: number, events: number): ExpectedValue {
  return EXPECTATION_OF[signal](expected, seconds, events);
}

const EXPECTATION_OF: Readonly<
  Record<Signal, (expected: Expectation, seconds: number, events: number) => ExpectedValue>
> = {
  volume: ({ rate, dispersion, relative }, seconds) => {
    const mean = rate * seconds;
    return { mean, stddev: Math.sqrt(dispersion * mean + (relative * mean) ** 2) };
  },
  error_rate: ({ rate, dispersion, relative }, _seconds, events) => ({
    mean: rate,
    stddev: events === 0 ? null : Math.sqrt((dispersion * rate * (1 - rate)) / events + relative ** 2),
  }),
};

/**
 * One expectation for a window that touches several minutes, so that `expectationOver` gives the same mean and variance
 * as the minutes together: counting noise adds up in variance, proportional noise (the same cause all along) in σ.
 */
export function averageExpectation(
  parts: readonly { readonly expected: Expectation; readonly seconds: number }[],
): Expectation {
  let seconds = 0;
  let mean = 0;
  let dispersion = 0;
  let relative = 0;
  let sigma = 0;
  for (const part of parts) {
    const partMean = part.expected.rate * part.seconds;
    seconds += part.seconds;
    mean += partMean;
    dispersion += part.expected.dispersion * partMean;
    relative += part.expected.relative * partMean;
    sigma += part.expected.sigma * part.seconds;
  }
  const first = parts[0]?.expected;
  return {
    rate: mean / seconds,
    dispersion: mean === 0 ? (first?.dispersion ?? 0) : dispersion / mean,
    relative: mean === 0 ? (first?.relative ?? 0) : relative / mean,
    sigma: sigma / seconds,
  };
}
