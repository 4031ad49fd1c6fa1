import type { DrawnSignal } from '@sentinellog/shared';
import { UNKNOWN, type Reading } from './beat-grid.ts';

/**
 * Several sources as one line.
 *
 * Volume adds up; so do the means, and the half-widths of the bands add as independent errors do: √Σ w². A source that
 * has learnt nothing yet counts as being where it is expected, so that a newcomer neither hides the band of the others
 * nor pushes the total out of it.
 *
 * Shares of errors do not add up without their volumes, which the stream does not carry, and p99s not at all: the line is the worst
 * source of each moment, and has no band.
 */
export function combineReadings(signal: DrawnSignal, readings: readonly Reading[]): Reading {
  const known = readings.filter((reading) => !Number.isNaN(reading.value));
  if (known.length <= 1) return known[0] ?? UNKNOWN;
  if (signal !== 'volume') return { ...UNKNOWN, value: Math.max(...known.map((reading) => reading.value)) };

  let value = 0;
  let mean = 0;
  let below = 0;
  let above = 0;
  let learnt = 0;
  for (const reading of known) {
    value += reading.value;
    if (Number.isNaN(reading.mean)) {
      mean += reading.value;
      continue;
    }
    learnt++;
    mean += reading.mean;
    below += (reading.mean - reading.lower) ** 2;
    above += (reading.upper - reading.mean) ** 2;
  }
  if (learnt === 0) return { ...UNKNOWN, value };
  return { value, mean, lower: Math.max(0, mean - Math.sqrt(below)), upper: mean + Math.sqrt(above) };
}
