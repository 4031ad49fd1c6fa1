import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../testing/index.ts';
import { Tail } from './tail.ts';

const LOOKS = 20_000;

function learnt(draw: (random: SeededRandom) => number): Tail {
  const tail = new Tail();
  const random = new SeededRandom(5);
  for (let look = 0; look < LOOKS; look++) tail.learn(draw(random));
  return tail;
}

describe('the tail of a series', () => {
  it('with an exponential one is found: once in n looks is ln n', () => {
    const tail = learnt((random) => -Math.log(1 - random.uniform()));
    expect(tail.reachedOnceIn(288)).toBeGreaterThan(0.85 * Math.log(288));
    expect(tail.reachedOnceIn(288)).toBeLessThan(1.15 * Math.log(288));
  });

  it('is further out for a series that goes further out', () => {
    const light = learnt((random) => Math.abs(random.normal()));
    const heavy = learnt((random) => Math.abs(random.normal()) ** 2);
    expect(heavy.reachedOnceIn(288)).toBeGreaterThan(2 * light.reachedOnceIn(288));
  });

  it('hardly moves for one incident, however large', () => {
    const tail = learnt((random) => Math.abs(random.normal()));
    const before = tail.reachedOnceIn(288);
    for (let look = 0; look < 12; look++) tail.learn(1e6);
    expect(tail.reachedOnceIn(288)).toBeLessThan(2.5 * before);
  });
});
