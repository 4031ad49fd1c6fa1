import { describe, expect, it } from 'vitest';
import { RateMeter } from './rate-meter.ts';

describe('a rate', () => {
  it('is what was added over the last seconds', () => {
    const meter = new RateMeter(5000);
    for (let second = 0; second <= 20; second++) meter.sample(second * 1000, second * 40);
    expect(meter.perSecond).toBe(40);
  });

  it('falls to nothing when nothing more comes, and is 0 before there are two samples', () => {
    const meter = new RateMeter(5000);
    expect(meter.perSecond).toBe(0);
    meter.sample(0, 1000);
    for (let second = 1; second <= 10; second++) meter.sample(second * 1000, 1000);
    expect(meter.perSecond).toBe(0);
  });
});
