/** Five minutes: fine enough for a nightly job that starts on the dot, coarse enough to fill in a day. */
export const SLOT_SECONDS = 300;
export const SLOTS_A_DAY = 288;
export const SLOTS_AN_HOUR = 12;

export function wallDayOf(wallSlot: number): number {
  return Math.floor(wallSlot / SLOTS_A_DAY);
}

export function slotOfDay(wallSlot: number): number {
  return wallSlot - wallDayOf(wallSlot) * SLOTS_A_DAY;
}
