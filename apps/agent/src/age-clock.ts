/**
 * The clock by which things are deleted for their age. A clock that is set forward while the agent runs (a time server's
 * mistake, F23: 400 days) must not delete a month of logs within seconds: this one goes no faster than time itself. It
 * lags after a machine has slept, which only keeps things longer, until the next start.
 *
 * @param now milliseconds since the epoch
 * @param elapsed milliseconds, monotonic
 */
export function ageClock(now: () => number, elapsed: () => number): () => number {
  const [startedMs, startedAt] = [now(), elapsed()];
  return () => Math.min(now(), startedMs + (elapsed() - startedAt));
}
