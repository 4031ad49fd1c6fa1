/** Event times outside of this window around their arrival come from wrong clocks, not from history (F23). */
const OLDEST_MS = 90 * 86_400_000;
const NEWEST_MS = 10 * 60_000;

/** NaN, a time that could not be read, is not believable either. */
export function isBelievable(eventMs: number, receivedAtMs: number): boolean {
  return eventMs >= receivedAtMs - OLDEST_MS && eventMs <= receivedAtMs + NEWEST_MS;
}
