import { array, assert, boolean, constant, constantFrom, double, nat, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StateReader, StateWriter } from '../state-codec.ts';
import { type Bucket, DayBook } from './day-book.ts';
import type { Rule } from './ruling.ts';

const CHANCE = 0.001;
const TENFOLD = Math.log(10);
const ordinary: Bucket = { step: 0.01, error: 0, variance: CHANCE, quarantined: false };
const tenfold: Bucket = { step: TENFOLD, error: TENFOLD, variance: CHANCE, quarantined: true };
const unruled = () => null;

function bookOf(...buckets: readonly Bucket[]): DayBook {
  const book = new DayBook(288, 8);
  for (const [day, bucket] of buckets.entries()) book.record(20_000 + day, 24, bucket, unruled);
  return book;
}

function written(book: DayBook): Uint8Array {
  const to = new StateWriter();
  book.write(to);
  return to.finish();
}

describe('a slot', () => {
  it('that an anomaly ran through learns nothing from it, unless it comes back', () => {
    expect(bookOf(ordinary, tenfold).recall(24, unruled).surprise).toBe(0);
    const twice = bookOf(ordinary, tenfold, tenfold).recall(24, unruled);
    expect(Math.sqrt(twice.surprise)).toBeCloseTo(TENFOLD, 1);
    expect(twice.mean).toBeCloseTo(0.01, 3);
  });

  it('never seen without one takes it for its habit at once', () => {
    expect(bookOf(tenfold).recall(24, unruled).surprise).toBeGreaterThan(5);
  });

  it('loses a habit over weeks, not on a day off, and not because its first night is no longer kept', () => {
    expect(bookOf(tenfold, ordinary).recall(24, unruled).surprise).toBeGreaterThan(4);
    const nights = (count: number) => Array.from({ length: count }, () => ordinary);
    expect(bookOf(tenfold, ...nights(9)).recall(24, unruled).surprise).toBeGreaterThan(1);
    expect(bookOf(tenfold, ...nights(60)).recall(24, unruled).surprise).toBeLessThan(0.05);
  });

  it('gives n, mean and M2 of the days that count', () => {
    const steps = [0.1, 0.2, 0.4];
    const { n, mean, m2 } = bookOf(...steps.map((step) => ({ ...ordinary, step }))).recall(24, unruled);
    expect(n).toBe(3);
    expect(mean).toBeCloseTo(0.7 / 3, 3);
    expect(m2).toBeCloseTo(
      steps.reduce((sum, step) => sum + (step - 0.7 / 3) ** 2, 0),
      3,
    );
  });

  it('called noise is learnt as an ordinary day, called real as none at all', () => {
    const book = bookOf(ordinary, tenfold, tenfold);
    const noise = book.recall(24, (day) => (day === 20_001 ? 'learn' : null));
    expect(noise).toMatchObject({ n: 2 });
    expect(noise.surprise).toBeGreaterThan(5);
    // Struck out, the first of the two is no habit that the second could confirm.
    expect(book.recall(24, (day) => (day === 20_001 ? 'exclude' : null)).surprise).toBe(0);
  });

  it('forgets the oldest day, and never grows', () => {
    const book = bookOf(...Array.from({ length: 30 }, () => ordinary));
    expect(book.recall(24, unruled).n).toBe(8);
    expect(book.history(24, unruled)[0].day).toBe(20_022);
    const justFull = bookOf(...Array.from({ length: 9 }, () => ordinary));
    expect(written(book).length).toBe(written(justFull).length);
  });

  it('holds an hour that comes twice in autumn once, as it was seen last', () => {
    const book = bookOf(ordinary);
    book.record(20_000, 24, { ...ordinary, step: 0.5 }, unruled);
    expect(book.recall(24, unruled)).toMatchObject({ n: 1, mean: 0.5 });
  });
});

describe('what people say about days', () => {
  const bucket = record({
    step: double({ min: -3, max: 3, noNaN: true }),
    error: double({ min: -3, max: 3, noNaN: true }),
    variance: constant(CHANCE),
    quarantined: boolean(),
  });
  const rules = array(constantFrom<Rule | null>('exclude', 'learn', null), { minLength: 12, maxLength: 12 });

  it('changes no bit of what is kept, so that taking it back restores every number', () => {
    assert(
      property(array(bucket, { minLength: 1, maxLength: 12 }), rules, (buckets, said) => {
        const book = bookOf(...buckets);
        const [state, before] = [written(book), book.recall(24, unruled)];
        book.recall(24, (day) => said[day - 20_000] ?? null);
        expect(written(book)).toEqual(state);
        expect(book.recall(24, unruled)).toEqual(before);
      }),
    );
  });

  it('leaves exactly the other days: striking one out is as if it had never been seen', () => {
    assert(
      property(array(bucket, { minLength: 2, maxLength: 8 }), nat(7), (buckets, at) => {
        const struck = at % buckets.length;
        const without = new DayBook(288, 8);
        for (const [day, one] of buckets.entries()) if (day !== struck) without.record(20_000 + day, 24, one, unruled);
        const ruled = bookOf(...buckets).recall(24, (day) => (day === 20_000 + struck ? 'exclude' : null));
        expect(ruled).toEqual(without.recall(24, unruled));
      }),
    );
  });

  it('is about the same numbers after a restart', () => {
    const book = bookOf(ordinary, tenfold, ordinary);
    const again = DayBook.read(new StateReader(written(book)), 288, 8);
    for (const rule of [null, 'exclude', 'learn'] as const)
      expect(again.recall(24, () => rule)).toEqual(book.recall(24, () => rule));
  });
});
