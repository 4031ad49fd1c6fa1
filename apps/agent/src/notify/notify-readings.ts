import { samplesBy, type Metrics, type Sample } from '../telemetry/metrics.ts';
import type { FailureReason } from './delivery-failure.ts';

/** Why a delivery was given up without an attempt, or after one that can never succeed. */
export const DROP_REASONS = ['refused', 'incident_gone', 'channel_off', 'echo', 'expired'] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/** Counts of telling people, by channel. Channel ids are ours and few: at most 100 are counted by name. */
export class NotifyCounts {
  readonly #attempts = new Map<string, number>();
  readonly #sent = new Map<string, number>();
  readonly #failures = new Map<string, Map<FailureReason, number>>();
  readonly #dropped = new Map<DropReason, number>();
  #oldestSeconds: ReadonlyMap<string, number> = new Map();
  failedOver = 0;

  attempted(channelId: string): void {
    add(this.#attempts, channelId, 1);
  }

  sent(channelId: string, deliveries: number): void {
    add(this.#sent, channelId, deliveries);
  }

  failed(channelId: string, reason: FailureReason): void {
    const reasons = this.#failures.get(channelId) ?? new Map<FailureReason, number>();
    add(reasons, reason, 1);
    if (this.#failures.size < MOST_CHANNELS || this.#failures.has(channelId)) this.#failures.set(channelId, reasons);
  }

  dropped(reason: DropReason, deliveries: number): void {
    add(this.#dropped, reason, deliveries);
  }

  setOldest(seconds: ReadonlyMap<string, number>): void {
    this.#oldestSeconds = seconds;
  }

  register(metrics: Metrics, parts: { readonly isLeader: () => boolean; readonly socketsUp: () => number }): void {
    metrics.counter('notify_attempts_total', 'Tries to tell people', ['channel'], () =>
      samplesBy('channel', Object.fromEntries(this.#attempts)),
    );
    metrics.counter('notify_sent_total', 'Deliveries that a channel took', ['channel'], () =>
      samplesBy('channel', Object.fromEntries(this.#sent)),
    );
    metrics.counter('notify_failures_total', 'Tries that failed', ['channel', 'reason'], () => this.#failureSamples());
    metrics.counter('notify_dropped_total', 'Deliveries that were given up', ['reason'], () =>
      samplesBy('reason', Object.fromEntries(this.#dropped)),
    );
    metrics.counter('notify_failed_over_total', 'Deliveries that another channel was given', [], () => this.failedOver);
    metrics.gauge('notify_oldest_pending_seconds', 'How late the oldest delivery is', ['channel'], () =>
      samplesBy('channel', Object.fromEntries(this.#oldestSeconds)),
    );
    metrics.gauge('notify_leader', '1 where this agent empties the outbox', [], () => Number(parts.isLeader()));
    metrics.gauge('notify_slack_sockets', 'Socket Mode connections that are up', [], () => parts.socketsUp());
  }

  #failureSamples(): Sample[] {
    return [...this.#failures].flatMap(([channel, reasons]) =>
      [...reasons].map(([reason, value]) => ({ labels: { channel, reason }, value })),
    );
  }
}

const MOST_CHANNELS = 100;

function add<Key>(counts: Map<Key, number>, key: Key, more: number): void {
  if (counts.size >= MOST_CHANNELS && !counts.has(key)) return;
  counts.set(key, (counts.get(key) ?? 0) + more);
}
