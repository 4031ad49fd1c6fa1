import type { Incident } from '@sentinellog/shared';

/** "payment-service: 68 % errors where 0.5 % are normal (41σ above); then order-service and gateway". */
export function titleOf({ service, reason }: { service: string; reason: string }, services: readonly string[]): string {
  const others = services.filter((one) => one !== service);
  return `${service}: ${reason}${others.length > 0 ? `; also ${listOf(others)}` : ''}`;
}

/** At most three names, then how many more. */
export function listOf(names: readonly string[]): string {
  const shown = names.slice(0, 3);
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${more} more`;
  return shown.length > 1 ? `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}` : (shown[0] ?? '');
}

/** "40 s", "12 min", "3 h". */
export function spanOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/** How it ended, for lists of similar incidents. */
export function endingOf({ resolution, resolved_by, opened_at_ms, resolved_at_ms }: Incident): string {
  if (resolution === null || resolved_at_ms === null) return 'not resolved yet';
  const after = `after ${spanOf(resolved_at_ms - opened_at_ms)}`;
  if (resolution === 'recovered') return `recovered by itself ${after}`;
  return `${resolution} ${after}${resolved_by === null ? '' : `, by ${resolved_by}`}`;
}

const two = (value: number) => String(value).padStart(2, '0');

/** `INC-YYYYMMDDhhmmss` in UTC (requirement S2-10), with `-2`, `-3` … where that one is taken. */
export function incidentKey(openedAtMs: number, isTaken: (key: string) => boolean): string {
  const at = new Date(openedAtMs);
  const day = `${at.getUTCFullYear()}${two(at.getUTCMonth() + 1)}${two(at.getUTCDate())}`;
  const key = `INC-${day}${two(at.getUTCHours())}${two(at.getUTCMinutes())}${two(at.getUTCSeconds())}`;
  if (!isTaken(key)) return key;
  for (let number = 2; ; number++) if (!isTaken(`${key}-${number}`)) return `${key}-${number}`;
}
