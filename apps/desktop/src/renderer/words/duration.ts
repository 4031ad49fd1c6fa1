const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long, in at most two units: `0.4 s`, `42 s`, `3 m 12 s`, `2 h 5 m`, `3 d 4 h`. Negative counts as zero. */
export function duration(ms: number): string {
  const size = Math.max(0, ms);
  if (size < 10 * SECOND) return `${(Math.floor(size / 100) / 10).toFixed(1)} s`;
  if (size < MINUTE) return `${Math.floor(size / SECOND)} s`;
  if (size < HOUR) return pair(size, MINUTE, 'm', SECOND, 's');
  if (size < DAY) return pair(size, HOUR, 'h', MINUTE, 'm');
  return pair(size, DAY, 'd', HOUR, 'h');
}

/** The same in one unit, where the exact age does not matter: `3 m ago`. */
export function ago(ms: number): string {
  return `${duration(ms).replace(/ \d+ [a-z]$/, '')} ago`;
}

/** `0:42`, `12:05`, `1:02:05`: an age that is watched while it grows. */
export function stopwatch(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / SECOND);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${twoDigits(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${twoDigits(minutes % 60)}:${twoDigits(seconds % 60)}`;
}

function pair(ms: number, big: number, bigUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((ms % big) / small);
  const head = `${Math.floor(ms / big)} ${bigUnit}`;
  return rest === 0 ? head : `${head} ${rest} ${smallUnit}`;
}

function twoDigits(n: number): string {
  return String(n).padStart(2, '0');
}
