/** F25: from a second to a minute. */
const FIRST_MS = 1000;
export const LONGEST_PAUSE_MS = 60_000;

/**
 * Pause before the next try. Half of it is chance, so that a hundred deliveries that failed together do not come back
 * together.
 * @param failures how many attempts have failed so far, from 1
 * @param chance from 0 to 1
 */
export function pauseAfter(failures: number, chance: number): number {
  const full = Math.min(LONGEST_PAUSE_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10));
  return full / 2 + (full / 2) * chance;
}
