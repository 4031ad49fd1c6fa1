import type { SourceState } from './source-state.ts';

/** A second of a live source closes when the clock has passed its end by this much, unless its shipper is slower. */
export const LEAST_LAG_SECONDS = 3;
/** F24: two minutes of grace; what comes later is counted but no longer waited for. */
const MOST_LAG_SECONDS = 120;
/** How long a source waits longer than it needs after its shipper has become quicker. */
const PERIOD_SECONDS = 600;

/**
 * Shippers flush every 1 to 30 s. A source whose lines mostly arrive after their second has closed would look dead to
 * the detector, so it is waited for as long as its shipper needs; a straggler among punctual lines changes nothing.
 * Called once per record and live source, after its lines were counted.
 */
export function learnLag(source: SourceState, receivedSecond: number): void {
  const delay = Math.min(MOST_LAG_SECONDS, receivedSecond - source.recordOldest + 1);
  if (source.isLagGuessed && delay <= LEAST_LAG_SECONDS) {
    // The backlog is through: whoever goes on waiting for it would notice everything a minute late.
    source.isLagGuessed = false;
    source.allowedLagSeconds = LEAST_LAG_SECONDS;
  }
  if (source.recordLate * 2 > source.recordEvents) {
    source.allowedLagSeconds = Math.max(source.allowedLagSeconds, delay);
  }
  source.slowestSeconds = Math.max(source.slowestSeconds, delay);
  if (receivedSecond - source.lagPeriodStart >= PERIOD_SECONDS) {
    const needed = Math.max(LEAST_LAG_SECONDS, source.slowestSeconds);
    source.allowedLagSeconds = Math.min(source.allowedLagSeconds, needed);
    source.slowestSeconds = 0;
    source.lagPeriodStart = receivedSecond;
  }
}

/**
 * A source speaks in the present for the first time. A shipper that is catching up after an outage gets there with lines that are up to a
 * minute old, and goes on like that for a while: it is waited for from the start, or its own backlog would look like a dip.
 */
export function startLag(source: SourceState, receivedSecond: number): void {
  const behind = Math.max(0, receivedSecond - source.watermark);
  source.allowedLagSeconds =
    behind > LEAST_LAG_SECONDS ? Math.min(MOST_LAG_SECONDS, behind + LEAST_LAG_SECONDS) : LEAST_LAG_SECONDS;
  source.isLagGuessed = source.allowedLagSeconds > LEAST_LAG_SECONDS;
  source.slowestSeconds = 0;
  source.lagPeriodStart = receivedSecond;
}
