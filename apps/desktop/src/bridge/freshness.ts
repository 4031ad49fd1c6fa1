import type { ConnectionState } from './events.ts';

/** Data older than this is lagging, then stale (ux §2.2). */
const LIVE_WITHIN_MS = 3000;
export const STALE_AFTER_MS = 15_000;
/** Clocks that differ by more than this make every age on the screen doubtful. */
const SKEW_LIMIT_MS = 2000;

/** One vocabulary for the chip, the chart's edge, the status bar and the window's title. */
export type Freshness =
  | { readonly type: 'live'; readonly ageMs: number }
  | { readonly type: 'lagging'; readonly ageMs: number }
  | { readonly type: 'stale'; readonly ageMs: number }
  | { readonly type: 'held'; readonly heldMs: number; readonly newAnomalies: number }
  | { readonly type: 'degraded'; readonly reason: string }
  | { readonly type: 'reconnecting'; readonly inMs: number; readonly reason: string }
  | { readonly type: 'offline'; readonly sinceMs: number; readonly reason: string }
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'connecting' }
  /** Connected, but no log line has ever come. */
  | { readonly type: 'waiting' }
  | { readonly type: 'no_agent' };

export interface AgentPulse {
  readonly name: string;
  readonly connection: ConnectionState;
  /** Age of the newest event second by the agent's own clock; null while none is known. */
  readonly dataAgeMs: number | null;
  /** What the agent says it cannot do at the moment. */
  readonly degraded: readonly string[];
}

export interface Hold {
  readonly sinceMs: number;
  readonly newAnomalies: number;
}

/** How one agent's data stands at `nowMs` (the console's clock), without regard to a hold. */
export function freshnessOf(pulse: AgentPulse, nowMs: number): Freshness {
  const { connection, dataAgeMs, degraded } = pulse;
  switch (connection.type) {
    case 'connecting':
      return { type: 'connecting' };
    case 'reconnecting':
      return { type: 'reconnecting', inMs: Math.max(0, connection.nextAtMs - nowMs), reason: connection.reason };
    case 'offline':
      return { type: 'offline', sinceMs: connection.downSinceMs, reason: connection.reason };
    case 'refused':
      return { type: 'refused', reason: connection.reason };
    case 'open':
      break;
  }
  if (dataAgeMs === null) return { type: 'waiting' };
  if (dataAgeMs > STALE_AFTER_MS) return { type: 'stale', ageMs: dataAgeMs };
  if (Math.abs(connection.skewMs) > SKEW_LIMIT_MS) {
    return { type: 'degraded', reason: `clocks differ by ${inSeconds(connection.skewMs)}` };
  }
  if (degraded[0] !== undefined) return { type: 'degraded', reason: degraded[0] };
  return { type: dataAgeMs > LIVE_WITHIN_MS ? 'lagging' : 'live', ageMs: dataAgeMs };
}

/** From the worst to the best: what the whole screen must confess to first. */
const WORST_FIRST = [
  'refused',
  'offline',
  'reconnecting',
  'stale',
  'connecting',
  'held',
  'degraded',
  'lagging',
  'live',
  'waiting',
  'no_agent',
] as const satisfies readonly Freshness['type'][];
const LINE_DOWN: readonly Freshness['type'][] = ['refused', 'offline', 'reconnecting', 'connecting'];

/** How the agents in scope stand together: all down is down; some of several down is a partial view. */
export function freshnessOfAll(pulses: readonly AgentPulse[], hold: Hold | null, nowMs: number): Freshness {
  if (pulses.length === 0) return { type: 'no_agent' };
  const each = pulses.map((pulse) => freshnessOf(pulse, nowMs));
  const up = each.filter((one) => !LINE_DOWN.includes(one.type));
  const worst = (list: readonly Freshness[]) =>
    list.toSorted((a, b) => WORST_FIRST.indexOf(a.type) - WORST_FIRST.indexOf(b.type))[0] ?? { type: 'no_agent' };
  if (up.length === 0) return worst(each);
  const shown = worst(up);
  if (shown.type !== 'stale' && hold !== null) {
    return { type: 'held', heldMs: nowMs - hold.sinceMs, newAnomalies: hold.newAnomalies };
  }
  if (up.length < each.length && shown.type !== 'stale') {
    return { type: 'degraded', reason: `${up.length} of ${each.length} clusters answer` };
  }
  return shown;
}

function inSeconds(ms: number): string {
  const seconds = Math.abs(ms) / 1000;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds / 60)} min`;
}
