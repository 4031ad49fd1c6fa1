const MORNING_HOUR = 9;
const DAY_MS = 86_400_000;

/** The next 09:00 of the clock that the screen speaks. */
export function nextMorningMs(nowMs: number, clock: 'utc' | 'local'): number {
  const at = new Date(nowMs);
  if (clock === 'utc') {
    const today = at.setUTCHours(MORNING_HOUR, 0, 0, 0);
    return today > nowMs ? today : today + DAY_MS;
  }
  const today = at.setHours(MORNING_HOUR, 0, 0, 0);
  if (today > nowMs) return today;
  // Not plus 24 hours: a night in which the clocks change has another length.
  return at.setDate(at.getDate() + 1);
}
