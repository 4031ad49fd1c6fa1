import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Channel, ChannelTools, ChannelType, Message, Receipt } from '../channel.ts';
import { chartPng } from '../chart-png.ts';
import { DeliveryFailure } from '../delivery-failure.ts';
import { Pace } from '../pace.ts';
import { slackCall, SlackRefusal, type SlackCall } from '../slack/slack-client.ts';
import { digestMessage, incidentMessage, type SlackContent, threadMessage } from '../slack/slack-message.ts';

/** Slack: a message a second in a channel; fifty updates a minute (rate limit tier 3). */
const POST_GAP_MS = 1050;
const UPDATE_GAP_MS = 1250;
/** As many first messages a minute still tell a person something each. */
const STORM_LIMIT = 8;
/** How far back a message is looked for whose sending never got an answer. */
const LOOK_BACK_SECONDS = 3600;
const EVENT_TYPE = 'sentinellog_message';
/** Messages whose shown version is remembered; an older one is edited once more than needed at worst. */
const MOST_SHOWN = 1000;

const RefSchema = z.object({ channel: z.string(), ts: z.string(), digest: z.boolean().default(false) });
type Ref = z.infer<typeof RefSchema>;
const PostedSchema = z.object({ channel: z.string(), ts: z.string() });
const HistorySchema = z.object({
  messages: z
    .array(
      z.object({
        ts: z.string(),
        metadata: z
          .object({ event_type: z.string(), event_payload: z.object({ keys: z.array(z.string()) }) })
          .optional()
          .catch(undefined),
      }),
    )
    .default([]),
});

export const slack: ChannelType<'slack'> = {
  kind: 'slack',
  open: (settings, secrets, tools) =>
    new SlackChannel(settings, secrets['botToken'], 'appToken' in secrets || 'signingSecret' in secrets, tools),
};

const monotonic = () => performance.now();

/** One message an incident, edited in place through its life; what happens in between goes into its thread. */
class SlackChannel implements Channel {
  readonly stormLimit = STORM_LIMIT;
  readonly #settings: { readonly channel: string; readonly apiUrl: string };
  readonly #token: string;
  readonly #canAct: boolean;
  readonly #tools: ChannelTools;
  readonly #posts: Pace;
  readonly #updates: Pace;
  /** By timestamp of the message, the newest version of its incident that an edit has brought into it. */
  readonly #shown = new Map<string, number>();

  constructor(
    settings: { readonly channel: string; readonly apiUrl: string },
    token: string,
    canAct: boolean,
    tools: ChannelTools,
  ) {
    this.#settings = settings;
    this.#token = token;
    this.#canAct = canAct;
    this.#tools = tools;
    this.#posts = new Pace(POST_GAP_MS, monotonic);
    this.#updates = new Pace(UPDATE_GAP_MS, monotonic);
  }

  async deliver(message: Message, signal: AbortSignal): Promise<Receipt> {
    const call = this.#call(signal);
    const ref = refOf(message.ref);
    if (ref === null) return this.#open(call, message, signal);
    const isThere = await this.#show(call, ref, message, signal);
    // Somebody deleted it: the incident is not over for that.
    if (!isThere) return this.#open(call, { ...message, ref: null }, signal);
    if (message.notice.transition === 'updated') return { messageId: ref.ts, ref: null };
    return { messageId: await this.#reply(call, ref, message, signal), ref: null };
  }

  async digest(messages: readonly Message[], signal: AbortSignal): Promise<Receipt> {
    const call = this.#call(signal);
    const content = digestMessage(messages.map(({ notice }) => notice));
    const ref = refOf(messages[0].ref);
    if (ref !== null && (await this.#edit(call, ref, content, signal))) return { messageId: ref.ts, ref: null };
    const keys = messages.map(({ key }) => shortKey(key));
    const doubtful = messages.find(({ inDoubt }) => inDoubt);
    const found = doubtful === undefined ? null : await this.#find(call, shortKey(doubtful.key), null);
    const ts =
      (await this.#extend(call, found?.ts ?? null, content, keys, signal)) ??
      (await this.#post(call, content, keys, {}, signal));
    return { messageId: ts, ref: { channel: this.#settings.channel, ts, digest: true } satisfies Ref };
  }

  /** More has happened since the attempt that left this message: it has to say all of it. null: there is none. */
  async #extend(
    call: SlackCall,
    ts: string | null,
    content: SlackContent,
    keys: readonly string[],
    signal: AbortSignal,
  ): Promise<string | null> {
    if (ts === null) return null;
    const ref: Ref = { channel: this.#settings.channel, ts, digest: true };
    return (await this.#edit(call, ref, { ...content, metadata: metadataOf(keys) }, signal)) ? ts : null;
  }

  isDigest(ref: unknown): boolean {
    return refOf(ref)?.digest === true;
  }

  async refresh(message: Message, signal: AbortSignal): Promise<void> {
    const ref = refOf(message.ref);
    if (ref === null || ref.digest) return;
    await this.#show(this.#call(signal), ref, message, signal);
  }

  async #open(call: SlackCall, message: Message, signal: AbortSignal): Promise<Receipt> {
    const key = shortKey(message.key);
    const found = message.inDoubt ? await this.#find(call, key, null) : null;
    const ts = found?.ts ?? (await this.#post(call, incidentMessage(message.notice, this.#canAct), [key], {}, signal));
    if (found === null) await this.#addChart(call, message, ts);
    const digest = found !== null && found.keys > 1;
    return { messageId: ts, ref: { channel: this.#settings.channel, ts, digest } satisfies Ref };
  }

  async #reply(call: SlackCall, { ts }: Ref, message: Message, signal: AbortSignal): Promise<string> {
    const key = shortKey(message.key);
    const found = message.inDoubt ? await this.#find(call, key, ts) : null;
    if (found !== null) return found.ts;
    const { transition } = message.notice;
    // An edit rings no bell; these have to.
    const isLoud = transition === 'reopened' || transition === 'escalated' || transition === 'unacknowledged';
    const place = { thread_ts: ts, ...(isLoud && { reply_broadcast: true }) };
    return this.#post(call, threadMessage(message.notice), [key], place, signal);
  }

  async #post(
    call: SlackCall,
    content: SlackContent,
    keys: readonly string[],
    place: { readonly thread_ts?: string; readonly reply_broadcast?: boolean },
    signal: AbortSignal,
  ): Promise<string> {
    const options = {
      channel: this.#settings.channel,
      unfurl_links: false,
      unfurl_media: false,
      link_names: false,
      metadata: metadataOf(keys),
      ...place,
    };
    const post = (words: Partial<SlackContent>) =>
      this.#posts.run(signal, () => call('chat.postMessage', { ...options, ...words }));
    try {
      return PostedSchema.parse(await post(content)).ts;
    } catch (error) {
      if (!isAboutBlocks(error)) throw error;
      // Better the bare sentence than nothing: Slack's checks change without notice.
      return PostedSchema.parse(await post({ text: content.text })).ts;
    }
  }

  /**
   * Deliveries and refreshes come side by side, and each reads its notice before it waits for its turn: what was read
   * first must not cover what was read later. False: the message is gone.
   */
  async #show(call: SlackCall, ref: Ref, { notice }: Message, signal: AbortSignal): Promise<boolean> {
    const { version } = notice.incident;
    const unlessNewer: SlackCall = async (method, options) =>
      (this.#shown.get(ref.ts) ?? 0) > version ? undefined : call(method, options);
    const isThere = await this.#edit(unlessNewer, ref, incidentMessage(notice, this.#canAct), signal);
    if (!isThere) return false;
    const newest = Math.max(version, this.#shown.get(ref.ts) ?? 0);
    this.#shown.delete(ref.ts);
    this.#shown.set(ref.ts, newest);
    for (const oldest of this.#shown.keys()) {
      if (this.#shown.size <= MOST_SHOWN) break;
      this.#shown.delete(oldest);
    }
    return true;
  }

  /** False: the message is gone. */
  async #edit(
    call: SlackCall,
    ref: Ref,
    content: SlackContent & { readonly metadata?: ReturnType<typeof metadataOf> },
    signal: AbortSignal,
  ): Promise<boolean> {
    try {
      await this.#updates.run(signal, () => call('chat.update', { channel: ref.channel, ts: ref.ts, ...content }));
      return true;
    } catch (error) {
      if (error instanceof SlackRefusal && GONE.has(error.slackError)) return false;
      throw error;
    }
  }

  /** The message that an earlier attempt left, when the app may read the channel; null: not there, or not to be seen. */
  async #find(call: SlackCall, key: string, threadTs: string | null): Promise<{ ts: string; keys: number } | null> {
    const where = { channel: this.#settings.channel, limit: 100, include_all_metadata: true };
    const oldest = String(Math.floor(this.#tools.now() / 1000) - LOOK_BACK_SECONDS);
    try {
      const answer =
        threadTs === null
          ? await call('conversations.history', { ...where, oldest })
          : await call('conversations.replies', { ...where, ts: threadTs });
      const { messages } = HistorySchema.parse(answer);
      for (const { ts, metadata } of messages) {
        const keys = metadata?.event_payload.keys ?? [];
        if (keys.includes(key)) return { ts, keys: keys.length };
      }
      return null;
    } catch (error) {
      // Without the scope channels:history a repeat is possible; a missed page is worse.
      if (error instanceof SlackRefusal && error.remedy !== 'retry') return null;
      throw error;
    }
  }

  /** The picture is an extra: without it, or without the scope files:write, the message stands. */
  async #addChart(call: SlackCall, { notice }: Message, ts: string): Promise<void> {
    const png = notice.chart === null ? null : chartPng(notice.chart);
    if (png === null) return;
    try {
      await call('files.uploadV2', {
        channel_id: this.#settings.channel,
        thread_ts: ts,
        file: Buffer.from(png),
        filename: `${notice.incident.key}.png`,
        title: 'The minutes around its start',
      });
    } catch (error) {
      if (!(error instanceof DeliveryFailure)) throw error;
    }
  }

  #call(signal: AbortSignal): SlackCall {
    return slackCall(this.#token, this.#settings.apiUrl, this.#tools.fetch, signal);
  }
}

/** By this a message is found again whose sending never got an answer. */
function metadataOf(keys: readonly string[]) {
  return { event_type: EVENT_TYPE, event_payload: { keys } };
}

/** A digest carries the keys of all its incidents, and Slack takes 8 KB of metadata. */
function shortKey(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 16);
}

const GONE = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed', 'thread_not_found']);

function isAboutBlocks(error: unknown): boolean {
  return error instanceof SlackRefusal && error.slackError.startsWith('invalid_blocks');
}

function refOf(ref: unknown): Ref | null {
  const parsed = RefSchema.safeParse(ref);
  return parsed.success ? parsed.data : null;
}
