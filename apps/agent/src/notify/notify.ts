/** The stage that tells people: channels, the outbox's worker, and the ways back from a click. */
import { isIP } from 'node:net';
import type { Config } from '../config/config.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { ChannelBook } from './channel-book.ts';
import { ChannelDesk, type ChannelStore } from './channel-desk.ts';
import type { DeskActions, PersonBook } from './desk.ts';
import { Leadership, type Lease } from './leadership.ts';
import { NotifyCounts } from './notify-readings.ts';
import {
  type DeliveryWitness,
  type NoticeMaker,
  type OutboxTable,
  OutboxWorker,
  WORKER_LIMITS,
  type WorkerLimits,
} from './outbox-worker.ts';
import { createOutwardFetch, TargetRules } from './outward-fetch.ts';
import { PagerDutyEvents } from './pagerduty-events.ts';
import type { SecretBox } from './secret-box.ts';
import type { Transition } from '../pipeline/delivery.ts';
import { SlackClicks } from './slack/slack-clicks.ts';
import { type SignatureVerdict, SlackSignatures } from './slack/slack-signature.ts';
import { SlackSocket } from './slack/slack-socket.ts';
import { StandingMessages } from './standing-messages.ts';

/** Longer than an attempt, so that no attempt outlives the lease it was begun under. */
const LEASE_MS = 20_000;
const SOCKET_TEND_MS = 2000;

export interface NotifyParts {
  readonly config: Pick<Config, 'channels' | 'notify' | 'agent'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly outbox: OutboxTable & {
    refOf(incidentId: string, channelId: string): Promise<unknown>;
    heard(incidentId: string, channelId: string, transition: Transition): Promise<void>;
  };
  readonly lease: Lease;
  readonly channels: ChannelStore;
  readonly box: SecretBox;
  readonly notices: NoticeMaker;
  readonly witness: DeliveryWitness;
  readonly desk: DeskActions;
  readonly people: PersonBook;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly monotonic: () => number;
  /** From 0 to 1. */
  readonly chance: () => number;
  /** Shorter in tests. */
  readonly limits?: Partial<WorkerLimits> & { readonly leaseMs?: number };
}

export class Notify {
  readonly desk: ChannelDesk;
  /** What other services call back: each is checked before it is handled. */
  readonly callbacks: {
    checkSlack(signature: string | undefined, timestamp: string | undefined, body: Uint8Array): SignatureVerdict;
    slackClicked(payload: unknown): void;
    checkPagerDuty(channelId: string, signature: string | undefined, body: Uint8Array): SignatureVerdict;
    pagerDutySaid(channelId: string, body: Uint8Array): Promise<unknown>;
  };
  readonly #clicks: SlackClicks;
  readonly #standing: StandingMessages;
  readonly #parts: NotifyParts;
  readonly #rules: TargetRules;
  readonly #book: ChannelBook;
  readonly #leadership: Leadership;
  readonly #worker: OutboxWorker;
  readonly #counts = new NotifyCounts();
  readonly #sockets = new Map<string, SlackSocket>();
  #socketTimer: NodeJS.Timeout | undefined;

  constructor(parts: NotifyParts) {
    const { config, env, outbox, notices, desk, people, log, now, monotonic, chance, box, channels, limits } = parts;
    this.#parts = parts;
    this.#rules = new TargetRules(config.notify.allowPrivateHosts);
    const fetch = createOutwardFetch(this.#rules);
    this.#book = new ChannelBook({ configured: config.channels, stored: channels, box, env, tools: { now, fetch } });
    this.#leadership = new Leadership(parts.lease, limits?.leaseMs ?? LEASE_MS, monotonic);
    this.#worker = new OutboxWorker({
      outbox,
      leadership: this.#leadership,
      book: this.#book,
      notices,
      witness: parts.witness,
      counts: this.#counts,
      log,
      now,
      monotonic,
      chance,
      limits: { ...WORKER_LIMITS, ...limits },
    });
    this.desk = new ChannelDesk({
      book: this.#book,
      store: channels,
      box,
      statusOf: (channel) => this.#worker.statusOf(channel),
      onChanged: () => this.#worker.wake(),
      cluster: config.agent.code,
      consoleUrl: config.notify.consoleUrl ?? null,
      now,
    });
    this.#standing = new StandingMessages({
      channels: () => this.#book.list(),
      noticeOf: (delivery) => notices.noticeOf(delivery),
      refOf: (incidentId, channelId) => outbox.refOf(incidentId, channelId),
      log,
    });
    this.#clicks = new SlackClicks({
      channels: () => this.#book.list(),
      desk,
      people,
      show: (booked, incidentId) => this.#standing.show(booked, incidentId),
      fetch,
      now,
      log,
    });
    const pagerDuty = new PagerDutyEvents({
      channelOf: (channelId) => this.#book.one(channelId),
      desk,
      people,
      heard: (incidentId, channelId, transition) => outbox.heard(incidentId, channelId, transition),
      now,
      log,
    });
    const signatures = new SlackSignatures(now);
    this.callbacks = {
      checkSlack: (signature, timestamp, body) => {
        const secrets = this.#book.list().flatMap((channel) => channel.secrets['signingSecret'] ?? []);
        return signatures.check({ signature, timestamp }, body, secrets);
      },
      slackClicked: (payload) => this.#clicked(payload),
      checkPagerDuty: (channelId, signature, body) => pagerDuty.check(channelId, signature, body),
      pagerDutySaid: (channelId, body) => pagerDuty.handle(channelId, body),
    };
  }

  /**
   * Reads which channels there are. Before anything is planned: an incident that opens while none is known would be told
   * to nobody, then and later.
   */
  async open(): Promise<void> {
    await this.#book.refresh();
  }

  start(): void {
    this.#worker.start();
    this.#socketTimer = setInterval(() => this.#tendSockets(), SOCKET_TEND_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#socketTimer);
    await Promise.all([this.#worker.stop(), ...[...this.#sockets.values()].map((socket) => socket.stop())]);
  }

  /** Something was committed to the outbox. */
  wake(): void {
    this.#worker.wake();
  }

  /** What is known of the incident has grown: messages that stand already show it, and nobody's bell rings. */
  showAgain(incidentId: string): Promise<void> {
    return this.#standing.showAll(incidentId);
  }

  register(metrics: Metrics): void {
    this.#counts.register(metrics, {
      isLeader: () => this.#leadership.isLeader,
      socketsUp: () => [...this.#sockets.values()].filter(({ isUp }) => isUp).length,
    });
  }

  /** Every channel that is set up, for whoever decides what goes where. */
  summaries() {
    return this.#book.list().map(({ channelId, settings, name, enabled }) => {
      return { id: channelId, kind: settings.kind, name, enabled };
    });
  }

  /** Channels that need a person, in words: for the agent's health. */
  complaints(): readonly string[] {
    return this.#book.list().flatMap((channel) => {
      const { state, detail } = this.#worker.statusOf(channel);
      return state === 'broken' || state === 'retrying' ? [`${channel.name}: ${detail}`] : [];
    });
  }

  /** One connection for each app, however many channels it speaks in. */
  #tendSockets(): void {
    const wanted = new Map<string, { readonly appToken: string; readonly apiUrl: string }>();
    for (const { settings, secrets, enabled, channel } of this.#book.list()) {
      const appToken = secrets['appToken'];
      if (settings.kind !== 'slack' || appToken === undefined || !enabled || channel === null) continue;
      const apiUrl = settings.apiUrl.endsWith('/') ? settings.apiUrl : `${settings.apiUrl}/`;
      if (this.#isSlack(apiUrl)) wanted.set(`${apiUrl} ${appToken}`, { appToken, apiUrl });
    }
    for (const [key, socket] of this.#sockets) {
      if (wanted.has(key)) continue;
      this.#sockets.delete(key);
      void socket.stop();
    }
    for (const [key, settings] of wanted) {
      if (this.#sockets.has(key)) continue;
      const { log, monotonic, chance } = this.#parts;
      const socket = new SlackSocket({
        settings,
        log,
        monotonic,
        chance,
        onClick: (payload) => this.#clicked(payload),
      });
      this.#sockets.set(key, socket);
      socket.start();
    }
  }

  /** The library connects by itself, past our own door: so only to Slack, or to where a person allowed it. */
  #isSlack(apiUrl: string): boolean {
    const { protocol, hostname } = new URL(apiUrl);
    const isSlack = /(^|\.)slack(-gov)?\.com$/.test(hostname) && protocol === 'https:' && isIP(hostname) === 0;
    return isSlack || this.#rules.exempts(hostname.replace(/^\[|\]$/g, ''));
  }

  #clicked(payload: unknown): void {
    this.#clicks
      .handle(payload)
      .catch((err: unknown) => this.#parts.log.warn({ event: 'notify.click_failed', err }, 'a click was lost'));
  }
}
