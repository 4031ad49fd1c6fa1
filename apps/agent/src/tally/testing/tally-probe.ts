import type { FrameCounts, TallySource } from '../source-state.ts';
import { Tally } from '../tally.ts';

/** Unix second of 2026-01-01T00:00:00Z. */
export const NEW_YEAR = 1_767_225_600;

export interface Closed {
  readonly service: string;
  readonly second: number;
  readonly counts: FrameCounts | null;
}

/** A tally with everything it says written down. */
export class TallyProbe {
  readonly closed: Closed[] = [];
  readonly found: TallySource[] = [];
  readonly blind = new Set<number>();
  readonly tally: Tally;
  #lsn = 0;

  constructor(maxSourcesPerTenant = 10_000) {
    this.tally = new Tally({
      maxSourcesPerTenant,
      onClosed: ({ service }, second, counts) => this.closed.push({ service, second, counts }),
      // As it was when it was told: the tally goes on changing it.
      onSource: ({ index, sourceId, tenant, service, firstSeenMs, lastSeenMs, live, closedThrough }) =>
        this.found.push({ index, sourceId, tenant, service, firstSeenMs, lastSeenMs, live, closedThrough }),
      isBlind: (second) => this.blind.has(second),
    });
  }

  /** Counts a body as it would be received at a moment, in seconds. */
  receive(body: string | object | readonly object[], atSecond: number, pinnedService: string | null = null): void {
    const events =
      typeof body === 'string'
        ? body
        : [body]
            .flat()
            .map((event) => JSON.stringify(event))
            .join('\n');
    const meta = { receivedAtMs: atSecond * 1000, tenant: 'default', pinnedService, format: 'json' } as const;
    this.tally.apply(this.tally.scan(meta, Buffer.from(events)), ++this.#lsn);
  }

  /** The seconds that were closed, relative to NEW_YEAR, with their events (null: blind). */
  closedSeconds(): (readonly [second: number, events: number | null])[] {
    return this.closed.map(({ second, counts }) => [second - NEW_YEAR, counts === null ? null : eventsOf(counts)]);
  }
}

function eventsOf({ debug, info, warn, error, fatal, other }: FrameCounts): number {
  return debug + info + warn + error + fatal + other;
}

/** A line of payment-service at a second; override what the test is about. */
export function anEvent(second: number, overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return { ts: second, service: 'payment-service', level: 'INFO', msg: 'charged card ending 4242', ...overrides };
}
