import { codeOf } from './word-code.ts';

/** Whether a word's code is in a list. A set is asked only if one entry of 64 k says maybe: it is asked for every word of every line. */
function listOf(words: string): (code: number) => boolean {
  const codes = new Set(words.split(' ').map(codeOf));
  const maybe = new Uint8Array(1 << 16);
  for (const code of codes) maybe[code & 0xffff] = 1;
  return (code) => maybe[code & 0xffff] === 1 && codes.has(code);
}

/** Words that are values wherever they stand. */
export const isValueWord = listOf(
  'true false null nil True False None NULL TRUE FALSE undefined NaN Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr ' +
    'Jun Jul Aug Sep Oct Nov Dec',
);

/** Words that belong to the number before them: `12.5 KB` and `812 B` are one variable each. */
export const isUnit = listOf(
  'B b byte bytes Byte Bytes kB KB MB GB TB KiB MiB GiB TiB K M G ns us ms msec msecs millis milliseconds ' +
    'microseconds s sec secs second seconds m min mins minute minutes h hour hours day days % Hz kHz MHz GHz AM PM ' +
    'UTC GMT CET CEST EST EDT CST CDT MST MDT PST PDT',
);

/** What stands before a place, a person or a peer. */
export const isPreposition = listOf('to from by at via on with for');

/** Keys whose value is the message itself, in `msg="…"` and in JSON. */
export const isMessageKey = listOf('msg message Message MESSAGE');
