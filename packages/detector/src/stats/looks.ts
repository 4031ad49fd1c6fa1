/**
 * What σ means here: a sensitivity of kσ accepts as many false alarms of a series in a WEEK, at each window length, as a
 * single Gaussian draw has beyond kσ: 3σ is one in 370 series-weeks. A window length that looks 600,000 times a week must
 * therefore ask more of a single look than one that looks 2,000 times.
 *
 * A Gaussian tail beyond z shrinks as exp(−z²/2), so sharing it over L looks adds 2·ln L to z²: simple enough to check
 * with a pocket calculator, and on the careful side (the exact correction is 0.2 to 0.3σ less).
 */
const WEEK_SECONDS = 604_800;

/** 2·ln(looks a week) of windows of this length that do not overlap. */
function costOfLooking(windowSeconds: number): number {
  return 2 * Math.log(Math.max(1, WEEK_SECONDS / windowSeconds));
}

/** The z that one window of this length has to reach for a series set to `sigma`. */
export function requiredZ(sigma: number, windowSeconds: number): number {
  return Math.sqrt(sigma * sigma + costOfLooking(windowSeconds));
}

/**
 * The deviation score of a window: its z as if one had looked once in the week. It is signed, the same at every window
 * length for the same rarity, reaches `sigma` exactly where `requiredZ(sigma)` is reached, and is what severity is read from.
 */
export function deviationScore(z: number, windowSeconds: number): number {
  const size = Math.sqrt(Math.max(0, z * z - costOfLooking(windowSeconds)));
  return z < 0 ? -size : size;
}
