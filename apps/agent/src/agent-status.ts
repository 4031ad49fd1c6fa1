import type { AgentHealth, AgentInfo } from '@sentinellog/shared';
import { RateMeter } from './rate-meter.ts';

/** Where the figures come from; all plain reads. */
export interface StatusParts {
  readonly info: AgentInfo;
  readonly now: () => number;
  readonly counters: () => {
    readonly accepted: number;
    readonly rejected: number;
    readonly late: number;
    readonly clamped: number;
    readonly duplicateBatches: number;
    readonly unparsed: number;
  };
  readonly sources: () => number;
  readonly replayPendingBytes: () => number;
  readonly journalBytes: () => number;
  /** Why the journal takes nothing just now; undefined when it does. */
  readonly journalRefusal: () => string | undefined;
  readonly checkpointAgeMs: () => number;
  /** Limits that bite just now, in words. */
  readonly limitComplaints: () => readonly string[];
  readonly databaseDown: () => boolean;
  /** Channels that do not take messages, in words. */
  readonly channelComplaints: () => readonly string[];
  readonly eventLoopLagMs: () => number;
  /** Since when the canary has known that detection does not work; null while it does. */
  readonly blindSinceMs: () => number | null;
}

/** A checkpoint older than this is worth a word: recovery would take longer, and something holds it back. */
const OLD_CHECKPOINT_MS = 30_000;

/** What the agent says about itself, truthfully: one source for `/readyz`, `/v1/agent`, the stream's health and metrics. */
export class AgentStatus {
  readonly #parts: StatusParts;
  readonly #accepted = new RateMeter();
  readonly #rejected = new RateMeter();
  #isDraining = false;

  constructor(parts: StatusParts) {
    this.#parts = parts;
  }

  info(): AgentInfo {
    return this.#parts.info;
  }

  /** Call it once a second: rates are over the last few calls. */
  sample(): void {
    const { accepted, rejected } = this.#parts.counters();
    const atMs = this.#parts.now();
    this.#accepted.sample(atMs, accepted);
    this.#rejected.sample(atMs, rejected);
  }

  /** From now on no new work is wanted. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Why this agent should get no logs just now. A database that is down is not a reason: the journal takes them. */
  notReadyBecause(): readonly string[] {
    const refusal = this.#parts.journalRefusal();
    return [
      ...(this.#isDraining ? ['the agent is shutting down'] : []),
      ...(refusal === undefined ? [] : [`the journal takes nothing: ${refusal}`]),
    ];
  }

  health(): AgentHealth {
    const { counters, now, sources, replayPendingBytes, journalBytes, checkpointAgeMs, eventLoopLagMs } = this.#parts;
    const { accepted, rejected, late, clamped, duplicateBatches, unparsed } = counters();
    const degraded = this.#degraded();
    return {
      now_ms: now(),
      state: this.#isDraining
        ? 'draining'
        : replayPendingBytes() > 0
          ? 'starting'
          : degraded.length > 0
            ? 'degraded'
            : 'ready',
      degraded: [...degraded],
      accepted_per_second: this.#accepted.perSecond,
      rejected_per_second: this.#rejected.perSecond,
      accepted_total: accepted,
      rejected_total: rejected,
      late_total: late,
      clamped_total: clamped,
      duplicate_batches_total: duplicateBatches,
      unparsed_total: unparsed,
      sources: sources(),
      replay_pending_bytes: replayPendingBytes(),
      journal_bytes: journalBytes(),
      checkpoint_age_seconds: checkpointAgeMs() / 1000,
      event_loop_lag_ms: eventLoopLagMs(),
      rss_bytes: process.memoryUsage.rss(),
    };
  }

  #degraded(): readonly string[] {
    const blindSinceMs = this.#parts.blindSinceMs();
    const ageSeconds = Math.round(this.#parts.checkpointAgeMs() / 1000);
    return [
      ...(this.#parts.databaseDown()
        ? ['postgres: not answering; logs are journalled and scored, history is not saved']
        : []),
      ...this.#parts.limitComplaints(),
      ...this.#parts.channelComplaints(),
      ...(blindSinceMs === null
        ? []
        : [`detection: blind since ${new Date(blindSinceMs).toISOString()}, see sentinellog canary`]),
      ...(this.#parts.replayPendingBytes() > 0 ? ['replay: still reading the journal after a start'] : []),
      ...(this.#parts.checkpointAgeMs() > OLD_CHECKPOINT_MS ? [`checkpoint: the last one is ${ageSeconds} s old`] : []),
    ];
  }
}
