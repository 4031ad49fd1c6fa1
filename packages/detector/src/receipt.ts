import { type Receipt, SENSITIVITY_SIGMA } from '@sentinellog/shared';
import type { Finding } from './detector.ts';
import { SELF_CALIBRATING } from './detectors/self-calibrating.ts';
import { ENGINE_VERSION } from './engine.ts';
import { COUNTS_A_UNIT } from './expectation.ts';
import type { Evidence } from './source-watch.ts';
import { countReaching, countZ } from './stats/count-deviation.ts';
import { deviationScore, requiredZ } from './stats/looks.ts';

/**
 * Everything a finding was made from, in the unit of its signal. `z` is the plain (value − mean) / stddev that anybody can check;
 * `threshold` is the z that it had to reach: the sensitivity, corrected for how often this window length looks and for
 * counts not being Gaussian.
 */
export function buildReceipt(
  finding: Finding,
  { n, slot, timeZone, sensitivity, sigma }: Evidence,
  source: { readonly sourceId: string; readonly service: string },
): Receipt {
  const { signal, end, seconds, count, events, mean, variance } = finding.window;
  const unit = COUNTS_A_UNIT[signal](events);
  const numbers = { value: count / unit, mean: mean / unit, stddev: Math.sqrt(variance) / unit };
  return {
    version: 1,
    engine: ENGINE_VERSION,
    detector: finding.detector,
    source_id: source.sourceId,
    service: source.service,
    signal,
    window_start: end - seconds,
    window_seconds: seconds,
    ...numbers,
    events,
    n,
    slot,
    time_zone: timeZone,
    z: (numbers.value - numbers.mean) / numbers.stddev,
    sensitivity,
    sigma,
    threshold: thresholdOf({ ...numbers, detector: finding.detector, signal, events, sigma, window_seconds: seconds }),
    sample_hashes: [],
  };
}

/** What `verifyReceipt` found. `recomputed` is the z that the receipt's own numbers give. */
export interface Verification {
  readonly equal: boolean;
  readonly recomputed: number;
  /** What does not hold, in words; empty when equal. */
  readonly differences: readonly string[];
}

/** Makes the decision of a receipt again from its numbers, offline: z, the threshold, and that the one reached the other. */
export function verifyReceipt(receipt: Receipt): Verification {
  const recomputed = (receipt.value - receipt.mean) / receipt.stddev;
  const threshold = thresholdOf(receipt);
  const differences: string[] = [];
  if (receipt.engine !== ENGINE_VERSION)
    differences.push(`made by engine ${receipt.engine}, this is ${ENGINE_VERSION}`);
  if (!isClose(receipt.z, recomputed)) differences.push(`z is ${receipt.z}, its numbers give ${recomputed}`);
  if (receipt.sigma !== SENSITIVITY_SIGMA[receipt.sensitivity]) {
    differences.push(
      `sigma is ${receipt.sigma}, sensitivity ${receipt.sensitivity} is ${SENSITIVITY_SIGMA[receipt.sensitivity]}`,
    );
  }
  if (!isClose(receipt.threshold, threshold))
    differences.push(`threshold is ${receipt.threshold}, its numbers give ${threshold}`);
  if (Math.abs(recomputed) < threshold * (1 - PRECISION))
    differences.push(`|z| ${Math.abs(recomputed)} does not reach ${threshold}`);
  return { equal: differences.length === 0, recomputed, differences };
}

/** The deviation score that a receipt's numbers give: what `deviation_score` and the severity were read from. */
export function deviationScoreOf({ detector, signal, value, mean, stddev, events, window_seconds }: Receipt): number {
  if (detector === SELF_CALIBRATING.name) return deviationScore((value - mean) / stddev, window_seconds);
  const unit = COUNTS_A_UNIT[signal](events);
  return deviationScore(countZ(value * unit, mean * unit, (stddev * unit) ** 2), window_seconds);
}

type Decided = Pick<
  Receipt,
  'detector' | 'signal' | 'value' | 'mean' | 'stddev' | 'events' | 'sigma' | 'window_seconds'
>;

function thresholdOf({ detector, signal, value, mean, stddev, events, sigma, window_seconds }: Decided): number {
  // Its σ is made so that a plain z is what it says: it asks no law of counts.
  if (detector === SELF_CALIBRATING.name) return requiredZ(sigma, window_seconds);
  const unit = COUNTS_A_UNIT[signal](events);
  const side = value < mean ? -1 : 1;
  const count = countReaching(requiredZ(sigma, window_seconds), side, mean * unit, (stddev * unit) ** 2);
  // No count is low enough: such a window cannot fire. Infinity would not survive JSON.
  if (count === undefined) return Number.MAX_VALUE;
  return Math.abs(count - mean * unit) / (stddev * unit);
}

/** A receipt passes through JSON exactly, but a share times its events need not give the very count back. */
const PRECISION = 1e-9;

function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= PRECISION * Math.max(1, Math.abs(a), Math.abs(b));
}
