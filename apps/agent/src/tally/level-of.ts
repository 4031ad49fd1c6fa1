import { FRAME_COLUMNS, type Level } from '@sentinellog/shared';

/** The words of loggers by their first four letters (three where the word is that short), in lower case. */
const WORDS: Readonly<Record<Exclude<Level, 'other'>, readonly string[]>> = {
  debug: ['debu', 'dbg', 'trac', 'trc', 'verb', 'fine'],
  info: ['info', 'inf', 'noti'],
  warn: ['warn', 'wrn'],
  error: ['erro', 'err', 'seve'],
  fatal: ['fata', 'ftl', 'crit', 'pani', 'emer', 'aler'],
};

export const OTHER_COLUMN = FRAME_COLUMNS.indexOf('other');
const columnOf = (level: Level): number => FRAME_COLUMNS.indexOf(level);

const COLUMN_BY_PREFIX = new Map<number, number>();
for (const [level, prefixes] of Object.entries(WORDS)) {
  for (const prefix of prefixes) {
    const bytes = new TextEncoder().encode(prefix);
    COLUMN_BY_PREFIX.set(prefixOf(bytes, 0, bytes.length), columnOf(level as Level));
  }
}

/** pino and bunyan count 10 trace … 60 fatal; GELF and syslog 0 emergency … 7 debug. The ranges do not meet. */
const PINO = (['debug', 'debug', 'info', 'warn', 'error', 'fatal'] as const).map(columnOf);
const SYSLOG = (['fatal', 'fatal', 'fatal', 'error', 'warn', 'info', 'info', 'debug'] as const).map(columnOf);

/** One-entry memory: `lastPrefix` is what came last, and levels come in runs. */
let lastPrefix = 0;
let lastColumn = OTHER_COLUMN;

/** The column of FRAME_COLUMNS that a level (its bytes without quotes, a word or a number) is counted in. */
export function levelColumn(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end) return OTHER_COLUMN;
  const first = bytes[start];
  if (first >= 0x30 && first <= 0x39) return columnOfNumber(bytes, start, end);
  const prefix = prefixOf(bytes, start, end);
  if (prefix !== lastPrefix) {
    lastPrefix = prefix;
    lastColumn = COLUMN_BY_PREFIX.get(prefix) ?? OTHER_COLUMN;
  }
  return lastColumn;
}

/** OpenTelemetry's severity number: 1 trace, 5 debug, 9 info, 13 warn, 17 error, 21 fatal, each with three shades. */
const SEVERITY = (['debug', 'debug', 'info', 'warn', 'error', 'fatal'] as const).map(columnOf);
const SHADES = 4;

/** The column of FRAME_COLUMNS of an OpenTelemetry severity number, 1 to 24. */
export function severityColumn(severity: number): number {
  return SEVERITY[Math.floor((severity - 1) / SHADES)] ?? OTHER_COLUMN;
}

/** Up to four letters in lower case, packed; a word of one or two letters is not a level. */
function prefixOf(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length < 3) return 0;
  const three = ((bytes[start] | 0x20) << 16) | ((bytes[start + 1] | 0x20) << 8) | bytes[start + 2] | 0x20;
  return length === 3 ? three : (three << 8) | bytes[start + 3] | 0x20;
}

function columnOfNumber(bytes: Uint8Array, start: number, end: number): number {
  const tens = bytes[start] - 0x30;
  if (end - start === 1) return SYSLOG[tens] ?? OTHER_COLUMN;
  if (end - start !== 2 || bytes[start + 1] < 0x30 || bytes[start + 1] > 0x39) return OTHER_COLUMN;
  return PINO[tens - 1] ?? OTHER_COLUMN;
}
