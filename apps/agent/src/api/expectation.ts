import type { ExpectedMinute } from '../pipeline/checkpoint.ts';

export type Expectation = Pick<ExpectedMinute, 'rate' | 'dispersion' | 'relative' | 'sigma'>;

/**
 * One expectation for a window that touches several minutes, so that `expectationOver` (packages/detector) gives the same mean and variance
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
