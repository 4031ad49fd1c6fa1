import { codeOf } from './word-code.ts';

const setOf = (...words: readonly string[]): ReadonlySet<number> => new Set(words.map(codeOf));

/** Words that are values wherever they stand. */
export const VALUE_WORDS = setOf(
  ...['true', 'false', 'null', 'nil', 'True', 'False', 'None', 'NULL', 'TRUE', 'FALSE', 'undefined', 'NaN'],
  ...['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
  ...['Jan', 'Feb', 'Mar', 'Apr', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
);

/** Words that belong to the number before them: `12.5 KB` and `812 B` are one variable each. */
export const UNITS = setOf(
  ...[
    'B',
    'b',
    'byte',
    'bytes',
    'Byte',
    'Bytes',
    'kB',
    'KB',
    'MB',
    'GB',
    'TB',
    'KiB',
    'MiB',
    'GiB',
    'TiB',
    'K',
    'M',
    'G',
  ],
  ...[
    'ns',
    'us',
    'ms',
    'msec',
    'msecs',
    'millis',
    'milliseconds',
    'microseconds',
    's',
    'sec',
    'secs',
    'second',
    'seconds',
  ],
  ...['m', 'min', 'mins', 'minute', 'minutes', 'h', 'hour', 'hours', 'day', 'days', '%', 'Hz', 'kHz', 'MHz', 'GHz'],
  ...['AM', 'PM', 'UTC', 'GMT', 'CET', 'CEST', 'EST', 'EDT', 'CST', 'CDT', 'MST', 'MDT', 'PST', 'PDT'],
);

/** What stands before a place, a person or a peer. */
export const PREPOSITIONS = setOf('to', 'from', 'by', 'at', 'via', 'on', 'with', 'for');
