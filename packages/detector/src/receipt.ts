import { type Receipt, SENSITIVITY_SIGMA, severityOf } from '@sentinellog/shared';
import { LocalClock } from './baseline/local-clock.ts';
import { slotNames } from './baseline/season.ts';
import type { DetectorKind, Finding } from './detector.ts';
import { ENGINE_VERSION } from './engine.ts';
import { COUNTS_A_UNIT } from './expectation.ts';
import { DETECTORS } from './registry.ts';
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
  { n, slot, timeZone, sensitivity, sigma, excluded }: Evidence,
  source: { readonly sourceId: string; readonly service: string },
): Receipt {
  const { signal, end, seconds, count, events, mean, variance } = finding.window;
  const unit = COUNTS_A_UNIT[signal](events);
  const numbers = { value: count / unit, mean: mean / unit, stddev: Math.sqrt(variance) / unit };
  const receipt: Receipt = {
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
    excluded: [...excluded],
  };
  // Made from the numbers as they stand on the receipt, so that nobody needs the finding to check it.
  const score = deviationScoreOf(receipt);
  return { ...receipt, score, severity: severityOf(score) };
}

/** What `verifyReceipt` found. `recomputed` is the z that the receipt's own numbers give. */
export interface Verification {
  readonly equal: boolean;
  readonly recomputed: number;
  /** What does not hold, in words; empty when equal. */
  readonly differences: readonly string[];
}

/**
 * Makes the decision of a receipt again from its numbers, offline: z, threshold, score and severity, that the one reached the other, and
 * that slot, zone and σ belong together. What no number follows from (a service's name, a sample's hash) is held by the agent's
 * signature, which is checked where there is cryptography.
 */
export function verifyReceipt(receipt: Receipt): Verification {
  const recomputed = (receipt.value - receipt.mean) / receipt.stddev;
  const threshold = thresholdOf(receipt);
  const score = deviationScoreOf(receipt);
  const differences = [
    ...unequal('engine', receipt.engine === ENGINE_VERSION, receipt.engine, ENGINE_VERSION),
    ...unequal('z', isClose(receipt.z, recomputed), receipt.z, recomputed),
    ...unequal('threshold', isClose(receipt.threshold, threshold), receipt.threshold, threshold),
    ...unequal('score', receipt.score !== undefined && isClose(receipt.score, score), receipt.score, score),
    ...unequal('severity', receipt.severity === severityOf(score), receipt.severity, severityOf(score)),
    ...sigmaDifferences(receipt),
    ...countDifferences(receipt),
    ...slotDifferences(receipt),
  ];
  if (!(Math.abs(recomputed) >= threshold * (1 - PRECISION)))
    differences.push(`|z| ${Math.abs(recomputed)} does not reach ${threshold}`);
  return { equal: differences.length === 0, recomputed, differences };
}

function unequal(name: string, isEqual: boolean, said: unknown, made: unknown): readonly string[] {
  return isEqual ? [] : [`${name} is ${String(said)}, recomputed ${String(made)}`];
}

function sigmaDifferences({ sensitivity, sigma }: Receipt): readonly string[] {
  if (sensitivity === 'custom' || sigma === SENSITIVITY_SIGMA[sensitivity]) return [];
  return [`sigma is ${sigma}, sensitivity ${sensitivity} is ${SENSITIVITY_SIGMA[sensitivity]}`];
}

/** Counts are whole, and the past that a baseline rests on is whole seconds. */
function countDifferences({ signal, value, events, n }: Receipt): readonly string[] {
  const count = value * COUNTS_A_UNIT[signal](events);
  const isWhole = Math.abs(count - Math.round(count)) <= 1e-6 * Math.max(1, count) && Number.isInteger(events);
  return [
    ...(isWhole && count >= 0 ? [] : [`value ${value} of ${events} events is no count`]),
    ...(signal === 'volume' && value !== events ? [`value is ${value}, the window had ${events} events`] : []),
    ...(Number.isInteger(n) && n >= 0 ? [] : [`n is ${n}, which is no number of seconds`]),
  ];
}

/** The slot is the one in which the window ended; a window that has not closed may still be scored against the minute before. */
function slotDifferences({ slot, time_zone, window_start, window_seconds }: Receipt): readonly string[] {
  const last = window_start + window_seconds - 1;
  let names: readonly string[];
  try {
    const clock = new LocalClock(time_zone);
    names = [last, last - 60].flatMap((second) => slotNames(clock.wallSecond(second)));
  } catch (error) {
    if (error instanceof RangeError) return [`time zone ${time_zone} or second ${last} does not exist`];
    throw error;
  }
  return slot === 'recent' || names.includes(slot)
    ? []
    : [`slot is ${slot}, the window ended in ${names.join(' or ')}`];
}

/** The deviation score that a receipt's numbers give: what `deviation_score` and the severity were read from. */
export function deviationScoreOf({ detector, signal, value, mean, stddev, events, window_seconds }: Receipt): number {
  if (lawOf(detector) === 'plain') return deviationScore((value - mean) / stddev, window_seconds);
  const unit = COUNTS_A_UNIT[signal](events);
  return deviationScore(countZ(value * unit, mean * unit, (stddev * unit) ** 2), window_seconds);
}

type Decided = Pick<
  Receipt,
  'detector' | 'signal' | 'value' | 'mean' | 'stddev' | 'events' | 'sigma' | 'window_seconds'
>;

function thresholdOf({ detector, signal, value, mean, stddev, events, sigma, window_seconds }: Decided): number {
  if (lawOf(detector) === 'plain') return requiredZ(sigma, window_seconds);
  const unit = COUNTS_A_UNIT[signal](events);
  const side = value < mean ? -1 : 1;
  const count = countReaching(requiredZ(sigma, window_seconds), side, mean * unit, (stddev * unit) ** 2);
  // No count is low enough: such a window cannot fire. Infinity would not survive JSON.
  if (count === undefined) return Number.MAX_VALUE;
  return Math.abs(count - mean * unit) / (stddev * unit);
}

/** A detector that is no series' own (the canary) says its σ outright. */
function lawOf(detector: string): DetectorKind['law'] {
  return DETECTORS.find(({ name }) => name === detector)?.law ?? 'plain';
}

/** A receipt passes through JSON exactly, but a share times its events need not give the very count back. */
const PRECISION = 1e-9;

function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= PRECISION * Math.max(1, Math.abs(a), Math.abs(b));
}
