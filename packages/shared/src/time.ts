const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `1s`, `10s`, `5m`, `1h`, `1d` → seconds; undefined when it is none of these. */
export function parseStepSeconds(text: string): number | undefined {
  const match = /^([1-9]\d{0,4})([smhd])$/.exec(text);
  return match ? Number(match[1]) * UNITS[match[2]!]! : undefined;
}

/** Milliseconds since the epoch or ISO 8601 → milliseconds; undefined when it is neither. */
export function parseInstantMs(text: string): number | undefined {
  const ms = /^-?\d{1,16}$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isFinite(ms) ? ms : undefined;
}
