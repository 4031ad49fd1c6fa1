/** Waits between attempts, then the last one for ever (ux §2.2). */
const STEPS_MS = [500, 1000, 2000, 5000, 10_000, 30_000] as const;
/** ± 20 %, so that fifty consoles do not knock on a restarted agent in the same instant. */
const JITTER = 0.2;

/**
 * How long to wait before attempt `attempt` (counted from 1).
 *
 * @param random 0 ≤ random < 1
 * @returns milliseconds, 400 … 36,000
 */
export function reconnectDelayMs(attempt: number, random: number): number {
  const step = STEPS_MS[Math.min(attempt, STEPS_MS.length) - 1] ?? STEPS_MS[0];
  return Math.round(step * (1 + JITTER * (2 * random - 1)));
}
