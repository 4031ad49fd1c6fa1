import { errorsOf, eventsOf, type FrameColumn } from '@sentinellog/shared';

/** Weight of the past after one second: about half a minute is remembered. */
const KEEP = Math.exp(-1 / 30);

interface Rate {
  second: number;
  events: number;
  errors: number;
}

/** What each source says per second just now, smoothed over about half a minute of closed seconds. One entry a source. */
export class ServiceRates {
  readonly #rates = new Map<string, Rate>();

  closed(sourceId: string, second: number, counts: Readonly<Record<FrameColumn, number>> | null): void {
    if (counts === null) return;
    const events = eventsOf(counts);
    const errors = errorsOf(counts);
    const rate = this.#rates.get(sourceId);
    if (rate === undefined) {
      this.#rates.set(sourceId, { second, events, errors });
      return;
    }
    if (second <= rate.second) return;
    const keep = KEEP ** (second - rate.second);
    rate.events = rate.events * keep + events * (1 - keep);
    rate.errors = rate.errors * keep + errors * (1 - keep);
    rate.second = second;
  }

  /** @returns events per second, and the share of them that are errors; null where there are no events */
  of(sourceId: string): { readonly eventsPerSecond: number; readonly errorShare: number | null } {
    const rate = this.#rates.get(sourceId);
    if (rate === undefined || rate.events < 1e-6) return { eventsPerSecond: 0, errorShare: null };
    return { eventsPerSecond: rate.events, errorShare: rate.errors / rate.events };
  }
}
