import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../testing/index.ts';
import { HeaderReader } from './header.ts';
import { HeaderMemory } from './header-memory.ts';

/** Where the message begins, in a line that stands between others. */
function startOf(memory: HeaderMemory, line: string): number {
  const before = 'code 7\n';
  const bytes = bytesOf(`${before}${line}\n  2026`);
  const start = before.length;
  const end = start + bytesOf(line).length;
  return memory.messageStart(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length), start, end) - start;
}

/** The same, by the rules and not from memory. */
function readStartOf(line: string): number {
  const bytes = bytesOf(line);
  const start = new HeaderReader().headerEnd(bytes, 0, bytes.length);
  return bytes.subarray(start).some((byte) => /[a-z0-9\u0080-\u00ff]/i.test(String.fromCharCode(byte))) ? start : 0;
}

const HEADS = [
  '2026-03-02 08:00:01,113 WARN [exec-4] com.shop.Cart - ',
  'Mar  2 08:00:01 gateway sshd[812]: ',
  '260302 080001 148 INFO shop.Cart: ',
  '- 1772438401 2026.03.02 node7 Mar 2 08:00:01 node7/node7 crond[12]: ',
  '20260302-08:00:01:113|Steps|30002312|',
  '[Mon Mar 02 08:00:01 2026] [error] ',
  'ALERT [1772438401] 2026.03.02 ',
  '1121496582 ',
  '2026-03-02 08:00:01, Info     SETUP  ',
  '2026-03-02 08:00:01 [never closed ',
];
const MESSAGES = ['cart is empty', 'Größe 12 MB', '17 steps', 'a  b: c', ': é', '42', '', 'INFO - x|y'];

/** A line whose digits are others, which may end anywhere, and in which a byte may be something else. */
const lines = fc
  .tuple(
    fc.constantFrom(...HEADS),
    fc.constantFrom(...MESSAGES),
    fc.array(fc.constantFrom('0', '1', '3', '9'), { minLength: 0, maxLength: 40 }),
    fc.nat({ max: 90 }),
    fc.tuple(fc.nat({ max: 60 }), fc.constantFrom('', '', '', ' ', '|', ':', '[', ']', '1', 'Z', '\t')),
  )
  .map(([head, message, digits, cut, [place, other]]) => {
    const next = digits.values();
    const line = `${head}${message}`.replace(/\d/g, (digit) => next.next().value ?? digit);
    const changed = other === '' ? line : line.slice(0, place) + other + line.slice(place + 1);
    return cut % 3 === 0 ? changed.slice(0, cut) : changed;
  });

/** Little but digits: where all of them count as one, these are easily taken for each other. */
const numbers = fc
  .array(
    fc.constantFrom(
      '-',
      'A',
      'MEMERROR',
      '2026.03.02',
      '1772438401',
      '9772438401',
      '260302',
      '993302',
      '12',
      '1234',
      '12345',
    ),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((words) => words.join(' '));

describe('what is remembered of headers', () => {
  it('is what the reader finds in every line, whichever lines came before', () => {
    const memory = new HeaderMemory();
    fc.assert(
      fc.property(fc.oneof(lines, numbers), (line) => {
        expect(startOf(memory, line), JSON.stringify(line)).toBe(readStartOf(line));
      }),
      { numRuns: 20_000 },
    );
  });

  it('tells seconds since 1970 from another number of as many digits', () => {
    const memory = new HeaderMemory();
    for (const line of ['- 1772438401 2026 ok', '- 9772438401 2026 ok']) startOf(memory, line);
    const answers = ['- 1772438401 2026.03.02 ok', '- 9772438401 2026.03.02 ok', '- 1772438402 2026.03.02 ok'].map(
      (line) => startOf(memory, line),
    );
    expect(answers[2]).toBe(answers[0]);
    expect(answers[1]).toBe(readStartOf('- 9772438401 2026.03.02 ok'));
  });

  it('does not take four digits for one at the end of a line', () => {
    const memory = new HeaderMemory();
    for (const line of ['2026-03-02 08:00:01 12345', '2026-03-02 08:00:01 12']) expect(startOf(memory, line)).toBe(0);
  });
});
