/**
 * Empties the outbox: one lane a channel, one message at a time in it, each incident in its own order. What it promises:
 * a delivery that was committed is tried until it is taken, refused for good or too old; a repeat happens at most once
 * for each crash, and not at all where the other side lets one look (Slack) or knows the key (PagerDuty).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelStatus } from '@sentinellog/shared';
import type { Delivery, IncidentNotice } from '../pipeline/delivery.ts';
import type { Log } from '../telemetry/log.ts';
import { LONGEST_PAUSE_MS, pauseAfter } from './back-off.ts';
import type { Channel, Message, Receipt } from './channel.ts';
import type { BookedChannel, ChannelBook } from './channel-book.ts';
import { asFailure, DeliveryFailure } from './delivery-failure.ts';
import type { Leadership } from './leadership.ts';
import type { DropReason, NotifyCounts } from './notify-readings.ts';
import { asItIsNow } from './standing-messages.ts';

/** A delivery on its way. */
export interface PendingDelivery extends Delivery {
  readonly outboxId: number;
  readonly createdAtMs: number;
  readonly attempts: number;
  readonly inDoubt: boolean;
  /** The channel itself told us. */
  readonly heard: boolean;
  readonly ref: unknown;
}

/** The outbox as the store keeps it. */
export interface OutboxTable {
  due(fence: number): Promise<PendingDelivery[]>;
  claim(rows: readonly PendingDelivery[], fence: number): Promise<PendingDelivery[]>;
  sent(rows: readonly PendingDelivery[], fence: number, messageId: string, ref: unknown): Promise<void>;
  retryAt(rows: readonly PendingDelivery[], fence: number, dueMs: number, reason: string): Promise<void>;
  drop(rows: readonly PendingDelivery[], fence: number, reason: string): Promise<void>;
  hurry(channelId: string): Promise<void>;
  failOver(channelId: string, failover: string, lateSinceMs: number, because: string): Promise<number>;
  expire(olderThanMs: number, channelIds: readonly string[]): Promise<number>;
  backlog(): Promise<
    readonly { readonly channelId: string; readonly pending: number; readonly oldestDueMs: number | null }[]
  >;
  incidentsOf(channelId: string, ref: unknown): Promise<readonly string[]>;
}

/** Everything a channel needs to tell a person, as it is now; null when there is no such incident any more. */
export interface NoticeMaker {
  noticeOf(delivery: Delivery): Promise<IncidentNotice | null>;
}

/** Hears how each delivery ended: the incident's timeline. */
export interface DeliveryWitness {
  delivered(delivery: Delivery, channelName: string, messageId: string): void;
  /** Given up, or (once an outage) late. */
  failed(delivery: Delivery, channelName: string, reason: string): void;
}

export interface WorkerLimits {
  /** Between two looks at the outbox. */
  readonly pollMs: number;
  /** F25: one attempt. */
  readonly attemptMs: number;
  /** F25: how late a delivery is when another channel is told. */
  readonly failOverMs: number;
  /** What is older is no news. */
  readonly expireMs: number;
  /** Least time between two digests of a channel. */
  readonly digestGapMs: number;
  /** Between two looks at channels, backlog and failover. */
  readonly tendMs: number;
}
export const WORKER_LIMITS: WorkerLimits = {
  pollMs: 250,
  attemptMs: 10_000,
  failOverMs: 120_000,
  expireMs: 24 * 3_600_000,
  digestGapMs: 10_000,
  tendMs: 2000,
};

const STORM_WINDOW_MS = 60_000;
const MOST_IN_A_DIGEST = 100;
const PERSIST_PAUSE_MS = 500;
/** A stop lets an attempt go on for so long; then it is doubtful. */
const STOP_GRACE_MS = 4000;

export interface WorkerParts {
  readonly outbox: OutboxTable;
  readonly leadership: Leadership;
  readonly book: ChannelBook;
  readonly notices: NoticeMaker;
  readonly witness: DeliveryWitness;
  readonly counts: NotifyCounts;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly monotonic: () => number;
  /** From 0 to 1. */
  readonly chance: () => number;
  readonly limits: WorkerLimits;
}

/** What the worker remembers of a channel; a restart may forget it. */
interface Lane {
  busy: Promise<void> | null;
  fingerprint: string;
  state: 'ok' | 'retrying' | 'broken';
  detail: string;
  failures: number;
  /** Monotonic. */
  pausedUntilMs: number;
  digestNotBeforeMs: number;
  firstMessagesMs: number[];
  lastSentMs: number | null;
  pending: number;
  oldestDueMs: number | null;
}

export class OutboxWorker {
  readonly #parts: WorkerParts;
  readonly #lanes = new Map<string, Lane>();
  readonly #stopping = new AbortController();
  /** Ends what is still under way some time after the stop began. */
  readonly #breakingOff = new AbortController();
  #running: Promise<void> | null = null;
  #wake: (() => void) | null = null;
  #woken = false;
  #tendAtMs = Number.NEGATIVE_INFINITY;
  #isBlind = false;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends what is under way and gives the lease back. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const grace = setTimeout(() => this.#breakingOff.abort(), STOP_GRACE_MS);
    this.wake();
    await this.#running;
    for (const { busy } of this.#lanes.values()) await busy;
    clearTimeout(grace);
    await this.#parts.leadership
      .release()
      .catch((err: unknown) => this.#parts.log.debug({ err }, 'lease not released'));
  }

  /** Something was put into the outbox, or a channel has changed: look now. */
  wake(): void {
    this.#woken = true;
    this.#wake?.();
  }

  statusOf(channel: BookedChannel): ChannelStatus {
    const lane = this.#laneOf(channel);
    const nowMs = this.#parts.now();
    const base = {
      pending: lane.pending,
      oldest_pending_seconds: lane.oldestDueMs === null ? 0 : Math.max(0, (nowMs - lane.oldestDueMs) / 1000),
      last_sent_ms: lane.lastSentMs,
    };
    if (!channel.enabled) return { ...base, state: 'off', detail: '' };
    if (channel.channel === null) return { ...base, state: 'broken', detail: channel.problem };
    return { ...base, state: lane.state, detail: lane.detail };
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#woken = false;
      try {
        await this.#round();
        this.#isBlind = false;
      } catch (error) {
        // The outbox is the truth: without it nothing is sent, and nothing is lost.
        if (!this.#isBlind) this.#parts.log.warn({ event: 'notify.waiting', err: error }, 'the outbox cannot be read');
        this.#isBlind = true;
      }
      await this.#nap();
    }
  }

  async #nap(): Promise<void> {
    if (this.#woken) return;
    const timer = new AbortController();
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await Promise.race([
      woken,
      sleep(this.#parts.limits.pollMs, undefined, { signal: timer.signal }).catch(() => undefined),
    ]);
    timer.abort();
    this.#wake = null;
  }

  async #round(): Promise<void> {
    const { outbox, leadership, book, monotonic } = this.#parts;
    const fence = await leadership.tend();
    if (monotonic() >= this.#tendAtMs) {
      this.#tendAtMs = monotonic() + this.#parts.limits.tendMs;
      await this.#tendChannels(fence !== null);
    }
    if (fence === null) return;
    const byChannel = Map.groupBy(await outbox.due(fence), ({ channelId }) => channelId);
    for (const [channelId, rows] of byChannel) {
      const channel = book.one(channelId);
      if (channel === undefined) continue;
      const lane = this.#laneOf(channel);
      if (lane.busy !== null) continue;
      lane.busy = this.#runLane(channel, lane, rows, fence)
        .catch((err: unknown) => {
          this.#parts.log.warn({ event: 'notify.lane_failed', channel: channelId, err }, 'trying again');
        })
        .finally(() => {
          lane.busy = null;
        });
    }
  }

  async #tendChannels(isLeader: boolean): Promise<void> {
    const { outbox, book, limits, now, counts, log } = this.#parts;
    await book.refresh();
    const backlog = new Map((await outbox.backlog()).map((each) => [each.channelId, each]));
    const nowMs = now();
    const oldest = new Map<string, number>();
    for (const channel of book.list()) {
      const lane = this.#laneOf(channel);
      const waiting = backlog.get(channel.channelId);
      lane.pending = waiting?.pending ?? 0;
      lane.oldestDueMs = waiting?.oldestDueMs ?? null;
      oldest.set(channel.channelId, lane.oldestDueMs === null ? 0 : Math.max(0, (nowMs - lane.oldestDueMs) / 1000));
      if (!isLeader || channel.failover === null || !channel.enabled) continue;
      if (book.one(channel.failover)?.enabled !== true) continue;
      const isBroken = this.statusOf(channel).state === 'broken';
      const lateSinceMs = isBroken ? nowMs : nowMs - limits.failOverMs;
      const because = `${channel.name} does not take messages; this channel stands in for it`;
      const moved = await outbox.failOver(channel.channelId, channel.failover, lateSinceMs, because);
      counts.failedOver += moved;
      if (moved > 0)
        log.warn({ event: 'notify.failed_over', channel: channel.channelId, to: channel.failover, moved }, because);
    }
    counts.setOldest(oldest);
    if (!isLeader) return;
    const known = book.list().map(({ channelId }) => channelId);
    const expired = await outbox.expire(nowMs - limits.expireMs, known);
    if (expired > 0) {
      counts.dropped('expired', expired);
      log.warn({ event: 'notify.expired', expired }, 'deliveries were too old, or their channel is gone');
    }
  }

  async #runLane(channel: BookedChannel, lane: Lane, rows: readonly PendingDelivery[], fence: number): Promise<void> {
    if (!channel.enabled) return this.#dropAll(channel, rows, fence, 'channel_off');
    if (channel.channel === null) return;
    const echoes = rows.filter(({ heard }) => heard);
    if (echoes.length > 0) await this.#dropAll(channel, echoes, fence, 'echo');
    const rest = rows.filter(({ heard }) => !heard);
    for (const group of this.#groups(channel.channel, lane, rest)) {
      if (this.#stopping.signal.aborted || this.#parts.monotonic() < lane.pausedUntilMs) return;
      await this.#send(channel, channel.channel, lane, group, fence);
    }
  }

  /** What goes out together: batches, what a storm brings, and what one digest already stands for. */
  #groups(channel: Channel, lane: Lane, rows: readonly PendingDelivery[]): readonly (readonly PendingDelivery[])[] {
    const nowMs = this.#parts.monotonic();
    lane.firstMessagesMs = lane.firstMessagesMs.filter((atMs) => atMs > nowMs - STORM_WINDOW_MS);
    if (channel.digest === undefined) return rows.map((row) => [row]);
    const inDigest = rows.filter(({ ref }) => channel.isDigest?.(ref) === true);
    const alone = rows.filter((row) => !inDigest.includes(row));
    const batch = alone.filter((row) => row.batch);
    const firsts = alone.filter((row) => !row.batch && row.ref === null);
    const others = alone.filter((row) => !row.batch && row.ref !== null);
    const free =
      channel.stormLimit === null ? firsts.length : Math.max(0, channel.stormLimit - lane.firstMessagesMs.length);
    const storm = firsts.slice(free);
    const mayDigest = storm.length > 0 && nowMs >= lane.digestNotBeforeMs;
    if (mayDigest) lane.digestNotBeforeMs = nowMs + this.#parts.limits.digestGapMs;
    return [
      // First of all that many are on fire: one by one they take seconds.
      ...(mayDigest ? chunks(storm) : []),
      ...Map.groupBy(inDigest, ({ ref }) => JSON.stringify(ref)).values(),
      ...firsts.slice(0, free).map((row) => [row]),
      ...others.map((row) => [row]),
      ...chunks(batch),
    ];
  }

  async #send(
    booked: BookedChannel,
    channel: Channel,
    lane: Lane,
    group: readonly PendingDelivery[],
    fence: number,
  ): Promise<void> {
    const { outbox, leadership, counts, limits, now } = this.#parts;
    const { ready, gone } = await this.#withNotices(group);
    if (gone.length > 0) await this.#dropAll(booked, gone, fence, 'incident_gone');
    if (ready.length === 0) return;
    const claimed = await outbox.claim(
      ready.map(({ row }) => row),
      fence,
    );
    if (claimed.length === 0) return;
    const messages = claimed.flatMap((row) => {
      const notice = ready.find((each) => each.row.outboxId === row.outboxId)?.notice;
      return notice === undefined ? [] : [{ notice, key: keyOf(row), inDoubt: row.inDoubt, ref: row.ref }];
    });
    const others = await this.#restOfDigest(channel, claimed);
    // Whoever was frozen between claim and now must not speak: another agent may have taken over.
    if (leadership.remainingMs < limits.attemptMs) {
      await outbox.retryAt(claimed, fence, now(), 'lease');
      return;
    }
    counts.attempted(booked.channelId);
    try {
      const receipt = await this.#attempt(channel, [...messages, ...others]);
      await this.#taken(booked, lane, claimed, fence, receipt);
    } catch (error) {
      await this.#notTaken(booked, lane, claimed, fence, asFailure(error, booked.name));
    }
  }

  async #withNotices(group: readonly PendingDelivery[]) {
    const ready: { readonly row: PendingDelivery; readonly notice: IncidentNotice }[] = [];
    const gone: PendingDelivery[] = [];
    for (const row of group) {
      const notice = await this.#parts.notices.noticeOf(row);
      if (notice === null) gone.push(row);
      else ready.push({ row, notice });
    }
    return { ready, gone };
  }

  /** A digest shows all its incidents, not only those that have changed. */
  async #restOfDigest(channel: Channel, claimed: readonly PendingDelivery[]): Promise<Message[]> {
    const [{ ref, channelId }] = claimed;
    if (channel.isDigest?.(ref) !== true) return [];
    const named = new Set(claimed.map(({ incidentId }) => incidentId));
    const messages: Message[] = [];
    for (const incidentId of await this.#parts.outbox.incidentsOf(channelId, ref)) {
      if (named.has(incidentId)) continue;
      const delivery = asItIsNow(incidentId, channelId);
      const notice = await this.#parts.notices.noticeOf(delivery);
      if (notice !== null) messages.push({ notice, key: keyOf(delivery), inDoubt: false, ref });
    }
    return messages;
  }

  /** Ends in time even where a client library does not heed the signal. */
  async #attempt(channel: Channel, messages: readonly Message[]): Promise<Receipt> {
    const signal = AbortSignal.any([AbortSignal.timeout(this.#parts.limits.attemptMs), this.#breakingOff.signal]);
    const late = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    const [first] = messages;
    const isDigest = messages.length > 1 || channel.isDigest?.(first.ref) === true;
    const work =
      isDigest && channel.digest !== undefined ? channel.digest(messages, signal) : channel.deliver(first, signal);
    return Promise.race([work, late]);
  }

  async #taken(
    booked: BookedChannel,
    lane: Lane,
    rows: readonly PendingDelivery[],
    fence: number,
    { messageId, ref }: Receipt,
  ): Promise<void> {
    const { outbox, counts, witness, monotonic, now } = this.#parts;
    if (rows[0].ref === null && !rows[0].batch) lane.firstMessagesMs.push(monotonic());
    await this.#persist(fence, () => outbox.sent(rows, fence, messageId, ref));
    counts.sent(booked.channelId, rows.length);
    for (const row of rows) witness.delivered(row, booked.name, messageId);
    lane.lastSentMs = now();
    lane.failures = 0;
    if (lane.state !== 'ok') {
      lane.state = 'ok';
      lane.detail = '';
      this.#parts.log.info(
        { event: 'notify.channel_back', channel: booked.channelId },
        `${booked.name} takes messages again`,
      );
      await outbox.hurry(booked.channelId);
      this.wake();
    }
  }

  async #notTaken(
    booked: BookedChannel,
    lane: Lane,
    rows: readonly PendingDelivery[],
    fence: number,
    failure: DeliveryFailure,
  ): Promise<void> {
    const { outbox, counts, witness, monotonic, now, chance, log } = this.#parts;
    const { remedy, reason, message, mayHaveArrived, retryAfterMs } = failure;
    counts.failed(booked.channelId, reason);
    const facts = { event: 'notify.failed', channel: booked.channelId, remedy, reason };
    if (remedy === 'drop') {
      log.error({ ...facts, incidents: rows.map(({ incidentId }) => incidentId) }, message);
      await this.#persist(fence, () => outbox.drop(rows, fence, reason));
      counts.dropped('refused', rows.length);
      for (const row of rows) witness.failed(row, booked.name, message);
      return;
    }
    lane.failures++;
    const pauseMs = retryAfterMs ?? (remedy === 'broken' ? LONGEST_PAUSE_MS : pauseAfter(lane.failures, chance()));
    lane.pausedUntilMs = monotonic() + pauseMs;
    const was = lane.state;
    lane.state = remedy === 'broken' ? 'broken' : 'retrying';
    lane.detail = message;
    if (lane.state !== was) {
      log[remedy === 'broken' ? 'error' : 'warn']({ ...facts, pauseMs, err: failure.cause }, message);
      for (const row of rows) witness.failed(row, booked.name, message);
    }
    const doubtful = rows.map((row) => ({ ...row, inDoubt: row.inDoubt || mayHaveArrived }));
    await this.#persist(fence, () => outbox.retryAt(doubtful, fence, now() + pauseMs, reason));
  }

  async #dropAll(
    booked: BookedChannel,
    rows: readonly PendingDelivery[],
    fence: number,
    reason: DropReason,
  ): Promise<void> {
    const { outbox, counts, witness } = this.#parts;
    const claimed = await outbox.claim(rows, fence);
    if (claimed.length === 0) return;
    await outbox.drop(claimed, fence, reason);
    counts.dropped(reason, claimed.length);
    if (reason !== 'echo') for (const row of claimed) witness.failed(row, booked.name, reason);
  }

  /** What a channel has taken must be written down, however long the database is away: else it would be said again. */
  async #persist(fence: number, write: () => Promise<void>): Promise<void> {
    for (let failures = 0; ; failures++) {
      try {
        return await write();
      } catch (error) {
        if (failures === 0) this.#parts.log.warn({ event: 'notify.unsettled', fence, err: error }, 'trying again');
        // Left as it is; the next agent, or the next start, takes it for doubtful.
        if (this.#stopping.signal.aborted) return;
        await sleep(PERSIST_PAUSE_MS, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      }
    }
  }

  /** A channel that was set up anew starts without the pauses and complaints of the old settings. */
  #laneOf({ channelId, fingerprint }: BookedChannel): Lane {
    const known = this.#lanes.get(channelId);
    if (known?.fingerprint === fingerprint) return known;
    const afresh = {
      fingerprint,
      state: 'ok' as const,
      detail: '',
      failures: 0,
      pausedUntilMs: Number.NEGATIVE_INFINITY,
    };
    if (known !== undefined) return Object.assign(known, afresh);
    const lane: Lane = {
      ...afresh,
      busy: null,
      digestNotBeforeMs: Number.NEGATIVE_INFINITY,
      firstMessagesMs: [],
      lastSentMs: null,
      pending: 0,
      oldestDueMs: null,
    };
    this.#lanes.set(channelId, lane);
    return lane;
  }
}

/** The same for every attempt of a delivery. */
export function keyOf({ incidentId, channelId, transition, turn }: Delivery): string {
  return `${incidentId}:${channelId}:${transition}:${turn}`;
}

function chunks(rows: readonly PendingDelivery[]): (readonly PendingDelivery[])[] {
  const parts: (readonly PendingDelivery[])[] = [];
  for (let at = 0; at < rows.length; at += MOST_IN_A_DIGEST) parts.push(rows.slice(at, at + MOST_IN_A_DIGEST));
  return parts;
}
