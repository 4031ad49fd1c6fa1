import { describe, expect, it } from 'vitest';
import { UNKNOWN, type Reading } from './beat-grid.ts';
import { combineReadings } from './combine-readings.ts';

const PAYMENT: Reading = { value: 210, mean: 200, lower: 170, upper: 230 };
const ORDER: Reading = { value: 95, mean: 100, lower: 60, upper: 140 };
const NEWCOMER: Reading = { ...UNKNOWN, value: 40 };

describe('combineReadings of volume', () => {
  it('adds values and means, and the half-widths of bands as independent errors', () => {
    expect(combineReadings('volume', [PAYMENT, ORDER])).toEqual({ value: 305, mean: 300, lower: 250, upper: 350 });
  });

  it('takes a source that has learnt nothing as being where it is expected', () => {
    expect(combineReadings('volume', [PAYMENT, ORDER, NEWCOMER])).toEqual({
      value: 345,
      mean: 340,
      lower: 290,
      upper: 390,
    });
  });

  it('has no band while nothing is learnt at all', () => {
    const total = combineReadings('volume', [NEWCOMER, NEWCOMER]);
    expect(total).toEqual({ ...UNKNOWN, value: 80 });
  });

  it('counts only who is known, and is unknown when nobody is', () => {
    expect(combineReadings('volume', [PAYMENT, UNKNOWN])).toEqual(PAYMENT);
    expect(combineReadings('volume', [UNKNOWN, UNKNOWN])).toEqual(UNKNOWN);
  });
});

describe('combineReadings of error rates', () => {
  it('is the worst source of the moment, without a band', () => {
    const a: Reading = { value: 0.004, mean: 0.005, lower: 0, upper: 0.02 };
    const b: Reading = { value: 0.41, mean: 0.008, lower: 0, upper: 0.03 };
    expect(combineReadings('error_rate', [a, b])).toEqual({ ...UNKNOWN, value: 0.41 });
  });

  it('keeps the band of a source alone', () => {
    const alone: Reading = { value: 0.004, mean: 0.005, lower: 0, upper: 0.02 };
    expect(combineReadings('error_rate', [alone])).toEqual(alone);
  });
});
