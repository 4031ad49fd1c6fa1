import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineKey } from './line-key.ts';
import { LineScan } from './line-scan.ts';
import { bytesOf } from '../testing/bytes-of.ts';

const WORDS = (
  'user order failed ms KB bytes to from by LOCAL true null deadbeef FF ab gateway www.shop.de /var/log/x msg ' +
  'a@b.de java.io.IOException instruction....... path/to/x AM x'
).split(' ');
const MARKS = [' ', ' ', ' ', ' ', '  ', ':', ': ', '=', ' = ', '"', "'", '(', ')', '[', ']', '<', '>', ',', '|', '\n'];
const DIGITS = ['7', '80', '443', '12345', '99999999', '3', '2026'];
const AROUND = ['#', 'x#', '#x', '#ms', '#KB', '/v#/a?b', '-#', '#.#', 'a.b#', 'w..#', '#f:', 'a#\\', 'é#', '#-#a'];

/** A message, and the same with other numbers in it. */
const twins = fc
  .array(
    fc.oneof(
      fc.constantFrom(...WORDS, ...MARKS).map((text) => [text, text] as const),
      fc
        .tuple(fc.constantFrom(...AROUND), fc.constantFrom(...DIGITS), fc.constantFrom(...DIGITS))
        .map(([around, one, other]) => [around.replaceAll('#', one), around.replaceAll('#', other)] as const),
      fc
        .tuple(fc.constantFrom(...AROUND), fc.constantFrom(...AROUND), fc.constantFrom(...DIGITS))
        .map(([one, other, digits]) => [one.replaceAll('#', digits), other.replaceAll('#', digits)] as const),
    ),
    { minLength: 1, maxLength: 14 },
  )
  .map((parts) => [parts.map(([one]) => one).join(''), parts.map(([, other]) => other).join('')] as const);

/** One for all: what it remembers of one line must not change the next. */
const key = new LineKey();

function keyOf(line: string): string {
  const bytes = bytesOf(line);
  key.read(bytes, 0, bytes.length);
  return `${key.low} ${key.high}`;
}

function tokensOf(line: string): string {
  const scan = new LineScan();
  const bytes = bytesOf(line);
  key.read(bytes, 0, bytes.length);
  scan.scan(bytes, key.start, key.limit);
  return scan.codes.subarray(0, scan.length).join(' ');
}

describe('a message and its name', () => {
  it('have one shape when they have one name, whatever the digits', () => {
    let same = 0;
    fc.assert(
      fc.property(twins, ([one, other]) => {
        if (keyOf(one) !== keyOf(other)) return;
        if (one !== other) same++;
        expect(tokensOf(one), `${one}\n${other}`).toBe(tokensOf(other));
      }),
      { numRuns: 20_000 },
    );
    expect(same).toBeGreaterThan(2000);
  });

  it.each([
    ['order 17 of user u-4711 handled in 23 ms', 'order 9 of user u-2 handled in 5012 ms'],
    ['from 10.0.3.7:443, attempt 3', 'from 192.168.100.200:51234, attempt 12'],
    ['block blk_38865049064139660 terminating', 'block blk_-6952295868487656571 terminating'],
  ])('%s and its like are one', (one, other) => {
    expect(keyOf(one)).toBe(keyOf(other));
  });

  it.each([
    ['gateway:443 closed', 'gateway:7 closed'],
    ['open (1)', 'open(1)'],
    ['took 12ms (0.01 s)', 'took 12xx (0.01 s)'],
    ['connection opened', 'connection closed'],
    ['a  b', 'a b'],
  ])('%s and %s are two', (one, other) => {
    expect(keyOf(one)).not.toBe(keyOf(other));
  });

  it('goes by the first line of a stack trace', () => {
    expect(keyOf('Boom 1\n  at x.y.Z(Main.java:81)')).toBe(keyOf('Boom 2\n\n  at other'));
  });
});
