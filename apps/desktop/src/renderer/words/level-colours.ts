import type { Level } from '@sentinellog/shared';

/** Log levels are told by their word; the colour is quieter than any severity (ux §4.3). */
export const LEVEL_COLOURS: Readonly<Record<Level, string>> = {
  fatal: 'text-lv-error',
  error: 'text-lv-error',
  warn: 'text-lv-warn',
  info: 'text-lv-info',
  debug: 'text-lv-debug',
  other: 'text-lv-debug',
};
