import type { Caller } from './admission.ts';

/** What keys may send that have no limits of their own; null: as much as they like. */
export interface KeyAllowance {
  readonly eventsPerSecond: number | null;
  readonly bytesPerDay: number | null;
}

export type MeterVerdict =
  | { readonly type: 'within' }
  /** @param headers RateLimit fields, for senders that adapt their pace */
  | { readonly type: 'over'; readonly detail: string; readonly headers: Readonly<Record<string, string>> };

interface Meter {
  /** Events that may still come at once; below zero after a batch that was larger than what was left. */
  events: number;
  atMs: number;
  day: number;
  bytes: number;
}

/** A second's worth may come at once after a pause, and two in all: shippers send in bursts. */
const BURST_SECONDS = 2;
const DAY_MS = 86_400_000;
/** As many as there can be keys; only valid ones are metered. */
const MAX_METERS = 10_000;
const WITHIN = { type: 'within' } as const;

/**
 * What each key has sent, against its limits. A batch is admitted while there is anything left and may go into debt:
 * so its events need not be known before it is read, and the limit holds over time all the same.
 */
export class KeyMeters {
  readonly #allowance: KeyAllowance;
  readonly #meters = new Map<string, Meter>();

  constructor(allowance: KeyAllowance) {
    this.#allowance = allowance;
  }

  /** Before a batch of this key is read. */
  judge(caller: Caller, nowMs: number): MeterVerdict {
    const { eventsPerSecond, bytesPerDay } = this.#allowanceOf(caller);
    if (eventsPerSecond === null && bytesPerDay === null) return WITHIN;
    const meter = this.#meterOf(caller.keyId, eventsPerSecond, nowMs);
    if (bytesPerDay !== null && meter.bytes >= bytesPerDay) {
      const seconds = Math.ceil(((meter.day + 1) * DAY_MS - nowMs) / 1000);
      const detail = `this key may send ${bytesPerDay} bytes a day, and has; the next day begins in ${seconds} s (UTC)`;
      return { type: 'over', detail, headers: rateLimit('bytes', bytesPerDay, DAY_MS / 1000, seconds) };
    }
    if (eventsPerSecond !== null && meter.events <= 0) {
      const seconds = Math.ceil((1 - meter.events) / eventsPerSecond);
      const detail = `this key may send ${eventsPerSecond} events a second; send again in ${seconds} s`;
      return { type: 'over', detail, headers: rateLimit('events', eventsPerSecond, 1, seconds) };
    }
    return WITHIN;
  }

  /** A batch of this key is taken, or with negative numbers given back. @param bytes of its body, decoded */
  spend(caller: Caller, events: number, bytes: number, nowMs: number): void {
    const { eventsPerSecond, bytesPerDay } = this.#allowanceOf(caller);
    if (eventsPerSecond === null && bytesPerDay === null) return;
    const meter = this.#meterOf(caller.keyId, eventsPerSecond, nowMs);
    meter.events -= events;
    meter.bytes += bytes;
  }

  #allowanceOf({ limits }: Caller): KeyAllowance {
    return {
      eventsPerSecond: limits?.events_per_second ?? this.#allowance.eventsPerSecond,
      bytesPerDay: limits?.bytes_per_day ?? this.#allowance.bytesPerDay,
    };
  }

  #meterOf(keyId: string, eventsPerSecond: number | null, nowMs: number): Meter {
    const most = (eventsPerSecond ?? 0) * BURST_SECONDS;
    const day = Math.floor(nowMs / DAY_MS);
    let meter = this.#meters.get(keyId);
    if (meter === undefined) {
      meter = { events: most, atMs: nowMs, day, bytes: 0 };
      this.#meters.set(keyId, meter);
      if (this.#meters.size > MAX_METERS) this.#meters.delete(this.#meters.keys().next().value ?? '');
    }
    // A clock that was set back gives nothing and takes nothing.
    const passedMs = Math.max(0, nowMs - meter.atMs);
    meter.events = Math.min(most, meter.events + (passedMs / 1000) * (eventsPerSecond ?? 0));
    meter.atMs = nowMs;
    if (meter.day < day) {
      meter.day = day;
      meter.bytes = 0;
    }
    return meter;
  }
}

/** draft-ietf-httpapi-ratelimit-headers-10: quota and window, then what remains and in how many seconds there is more. */
function rateLimit(name: string, quota: number, windowSeconds: number, seconds: number): Record<string, string> {
  return { 'ratelimit-policy': `"${name}";q=${quota};w=${windowSeconds}`, ratelimit: `"${name}";r=0;t=${seconds}` };
}
