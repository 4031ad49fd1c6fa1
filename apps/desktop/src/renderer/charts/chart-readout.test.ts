import { describe, expect, it } from 'vitest';
import { readoutOf, spokenReadout } from './chart-readout.ts';

const T = 1_767_229_200;
const one = {
  lines: [{ label: '', colour: null }],
  signal: 'volume',
  newestMs: () => (T + 192) * 1000,
} as const;

describe('readout at the cursor', () => {
  it('says what was, what was expected, and where that lies', () => {
    const readout = readoutOf(
      { second: T, left: 0, lines: [{ value: 620, mean: 210, lower: 160, upper: 260 }] },
      one,
      'utc',
    );
    expect(spokenReadout(readout)).toBe(
      '01:00:00 , 3 m ago. Observed 620/s. Expected 210/s. Normal 160/s – 260/s. ▲ above normal',
    );
  });

  it('says no data, never zero, where nothing is known', () => {
    const readout = readoutOf(
      { second: T, left: 0, lines: [{ value: null, mean: null, lower: null, upper: null }] },
      one,
      'utc',
    );
    expect(readout.rows).toEqual([{ label: 'Observed', value: 'no data', colour: null }]);
  });

  it('has a row a cluster where there are several', () => {
    const blank = { mean: null, lower: null, upper: null };
    const source = {
      ...one,
      lines: [
        { label: 'EU', colour: 0 },
        { label: 'US', colour: 1 },
      ],
    };
    const { rows } = readoutOf(
      {
        second: T,
        left: 0,
        lines: [
          { value: 1040, ...blank },
          { value: 980, ...blank },
        ],
      },
      source,
      'utc',
    );
    expect(rows.map(({ label, value }) => `${label} ${value}`)).toEqual(['EU 1,040/s', 'US 980/s']);
  });
});
