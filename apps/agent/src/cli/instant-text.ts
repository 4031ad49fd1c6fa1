import { parseInstantMs } from '@sentinellog/shared';
import { CliError } from './cli-error.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A moment as people write it, as ISO 8601: that itself, milliseconds since the epoch, or how long ago (`15m`). */
export function instantText(text: string, option: string, nowMs: number): string {
  const ago = /^(\d{1,6})([smhd])$/.exec(text);
  const ms = ago === null ? parseInstantMs(text) : nowMs - Number(ago[1]) * UNITS[ago[2]];
  if (ms === undefined || !(ms >= 0 && ms <= 8.64e15)) {
    throw new CliError(`${option} must be like 2026-11-21T10:00:00Z, milliseconds since the epoch, or 15m, 2h, 7d ago`);
  }
  return new Date(ms).toISOString();
}
