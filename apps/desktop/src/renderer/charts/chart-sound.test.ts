import { describe, expect, it } from 'vitest';
import { tonesOf } from './chart-sound.ts';

const flat = (length: number, value: number | null) => Array.from({ length }, () => value);

describe('a chart as sound', () => {
  it('is higher where there is more, over two octaves', () => {
    const tones = tonesOf({ value: [10, 20, 30], lower: flat(3, 0), upper: flat(3, 100) });
    expect(tones.map(({ hertz }) => hertz)).toEqual([220, 440, 880]);
  });

  it('is louder outside the band, above and below', () => {
    const tones = tonesOf({ value: [10, 50, 1], lower: flat(3, 5), upper: flat(3, 20) });
    expect(tones.map(({ loudness }) => loudness > 0.2)).toEqual([false, true, true]);
  });

  it('is silent in gaps, and keeps their time', () => {
    const tones = tonesOf({ value: [10, null, null, 12], lower: flat(4, null), upper: flat(4, null) });
    expect(tones.map(({ atSeconds }) => atSeconds)).toEqual([0, 3.75]);
  });

  it('does not lose a spike of one bucket in an hour of seconds', () => {
    const value = flat(3600, 10).map((one, i) => (i === 1777 ? 500 : one));
    const tones = tonesOf({ value, lower: flat(3600, 0), upper: flat(3600, 20) });
    expect(tones.length).toBeLessThanOrEqual(100);
    expect(tones.filter(({ loudness }) => loudness > 0.2).map(({ hertz }) => hertz)).toEqual([880]);
  });

  it('plays a steady line in the middle, and nothing of nothing', () => {
    expect(tonesOf({ value: [7, 7], lower: [], upper: [] }).map(({ hertz }) => hertz)).toEqual([440, 440]);
    expect(tonesOf({ value: [null], lower: [null], upper: [null] })).toEqual([]);
  });
});
