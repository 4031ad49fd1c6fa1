import {
  type ChannelCreate,
  type ChannelReplace,
  type ChannelSettings,
  type ChannelStatus,
  type ChannelTest,
  type ChannelView,
  RequestError,
  secretsProblem,
} from '@sentinellog/shared';
import type { BookedChannel, ChannelBook, StoredChannels } from './channel-book.ts';
import { asFailure } from './delivery-failure.ts';
import type { SecretBox } from './secret-box.ts';
import { testNotice } from './test-notice.ts';

type Stored = Awaited<ReturnType<StoredChannels['list']>>[number];
interface By {
  readonly actor: string;
  readonly atMs: number;
}

/** The table of channels, with its changes. */
export interface ChannelStore extends StoredChannels {
  add(channel: Stored, by: By): Promise<void>;
  replace(channel: Stored, by: By): Promise<void>;
  remove(channelId: string, by: By): Promise<boolean>;
}

export interface ChannelDeskParts {
  readonly book: ChannelBook;
  readonly store: ChannelStore;
  readonly box: SecretBox;
  readonly statusOf: (channel: BookedChannel) => ChannelStatus;
  /** A channel has changed: what waits for it may go. */
  readonly onChanged: () => void;
  readonly cluster: string;
  readonly consoleUrl: string | null;
  readonly now: () => number;
}

const MOST_CHANNELS = 100;
const TEST_MS = 10_000;

/** Channels as people set them up. A secret goes in here and comes out only towards the channel itself. */
export class ChannelDesk {
  readonly #parts: ChannelDeskParts;

  constructor(parts: ChannelDeskParts) {
    this.#parts = parts;
  }

  async list(): Promise<ChannelView[]> {
    await this.#parts.book.refresh();
    return this.#parts.book.list().map((channel) => this.#viewOf(channel));
  }

  async create(input: ChannelCreate, actor: string): Promise<ChannelView> {
    await this.#parts.book.refresh();
    if (this.#parts.book.one(input.channel_id) !== undefined)
      throw new RequestError('conflict', 'there is a channel with this id already');
    if (this.#parts.book.list().length >= MOST_CHANNELS)
      throw new RequestError('invalid_request', `there are ${MOST_CHANNELS} channels already: remove one first`);
    this.#check(input.channel_id, input, Object.keys(input.secrets));
    const channel = { ...this.#storedOf(input.channel_id, input, input.secrets), version: 1 };
    await this.#parts.store.add(channel, { actor, atMs: this.#parts.now() });
    return this.#changed(input.channel_id);
  }

  /** @param version the one that the caller saw; null: whichever there is */
  async replace(channelId: string, input: ChannelReplace, version: number | null, actor: string): Promise<ChannelView> {
    const { book, store, now } = this.#parts;
    await book.refresh();
    const before = this.#changeable(channelId);
    if (version !== null && version !== before.version)
      throw new RequestError('conflict', `the channel is at version ${before.version} by now: read it again`);
    if (before.settings.kind !== input.settings.kind)
      throw new RequestError('invalid_request', 'the kind of a channel stays: remove it and make another');
    const secrets = Object.fromEntries(
      Object.entries({ ...before.secrets, ...input.secrets }).filter(([, text]) => text !== null),
    ) as Record<string, string>;
    this.#check(channelId, input, Object.keys(secrets));
    requireNewSecrets(before, input);
    const channel = { ...this.#storedOf(channelId, input, secrets), version: before.version + 1 };
    await store.replace(channel, { actor, atMs: now() });
    return this.#changed(channelId);
  }

  /** False: there is no such channel. What waits for it is dropped. */
  async remove(channelId: string, actor: string): Promise<boolean> {
    const { book, store, now, onChanged } = this.#parts;
    await book.refresh();
    if (book.one(channelId) === undefined) return false;
    this.#changeable(channelId);
    const user = book.list().find(({ failover }) => failover === channelId);
    if (user !== undefined)
      throw new RequestError(
        'invalid_request',
        `the channel ${user.channelId} falls back on this one: change it first`,
      );
    const isGone = await store.remove(channelId, { actor, atMs: now() });
    await book.refresh();
    onChanged();
    return isGone;
  }

  /** Sends a message that says it is a test, at once and past the outbox, and tells what came of it. */
  async test(channelId: string): Promise<ChannelTest> {
    const { book, now, cluster, consoleUrl } = this.#parts;
    await book.refresh();
    const booked = book.one(channelId);
    if (booked === undefined) throw new RequestError('not_found', 'there is no channel with this id');
    const { channel, problem, name } = booked;
    if (channel === null) return { ok: false, detail: problem, message_id: null };
    const signal = AbortSignal.timeout(TEST_MS);
    const base = { cluster, consoleUrl, nowMs: now() };
    const key = `test:${channelId}:${now()}`;
    try {
      const opened = await channel.deliver(
        { notice: testNotice({ ...base, transition: 'opened' }), key: `${key}:opened`, inDoubt: false, ref: null },
        signal,
      );
      // A page that nobody closes would ring on.
      await channel.deliver(
        {
          notice: testNotice({ ...base, transition: 'resolved' }),
          key: `${key}:resolved`,
          inDoubt: false,
          ref: opened.ref,
        },
        signal,
      );
      return { ok: true, detail: `${name} took the message`, message_id: opened.messageId };
    } catch (error) {
      return { ok: false, detail: asFailure(error, name).message, message_id: null };
    }
  }

  #changeable(channelId: string): BookedChannel {
    const channel = this.#parts.book.one(channelId);
    if (channel === undefined) throw new RequestError('not_found', 'there is no channel with this id');
    if (channel.origin === 'config')
      throw new RequestError('invalid_request', 'this channel is set in the configuration file: change it there');
    return channel;
  }

  #check(
    channelId: string,
    input: { readonly settings: ChannelSettings; readonly failover: string | null },
    secretNames: readonly string[],
  ): void {
    const { settings, failover } = input;
    const problem = secretsProblem(settings.kind, secretNames);
    if (problem !== null) throw new RequestError('invalid_request', problem);
    if (failover === channelId) throw new RequestError('invalid_request', 'a channel cannot stand in for itself');
    if (failover !== null && this.#parts.book.one(failover) === undefined)
      throw new RequestError('invalid_request', 'body.failover names a channel that does not exist');
    if (settings.kind === 'slack' && !isTimeZone(settings.timeZone))
      throw new RequestError('invalid_request', 'body.settings.timeZone must be an IANA name such as Europe/Berlin');
    if (settings.kind === 'email' && settings.security === 'none' && secretNames.includes('password'))
      throw new RequestError('invalid_request', 'a password is not sent over a connection without TLS');
  }

  #storedOf(channelId: string, input: Omit<ChannelReplace, 'secrets'>, secrets: Readonly<Record<string, string>>) {
    const { name, enabled, failover, settings } = input;
    const sealedSecrets = this.#parts.box.seal(secrets, channelId);
    return { channelId, name, enabled, failover, settings, sealedSecrets, secretNames: Object.keys(secrets) };
  }

  async #changed(channelId: string): Promise<ChannelView> {
    await this.#parts.book.refresh();
    this.#parts.onChanged();
    const channel = this.#parts.book.one(channelId);
    if (channel === undefined) throw new RequestError('conflict', 'the channel was removed meanwhile');
    return this.#viewOf(channel);
  }

  #viewOf(channel: BookedChannel): ChannelView {
    const { channelId, name, enabled, failover, settings, secretNames, origin, version } = channel;
    return {
      channel_id: channelId,
      name,
      enabled,
      failover,
      settings,
      secrets: [...secretNames],
      origin,
      version,
      status: this.#parts.statusOf(channel),
    };
  }
}

/** A secret goes where it was entered for: whoever changes the address has to know it. */
function requireNewSecrets(before: BookedChannel, input: ChannelReplace): void {
  if (targetOf(before.settings) === targetOf(input.settings)) return;
  const kept = before.secretNames.filter((name) => input.secrets[name] === undefined);
  if (kept.length > 0)
    throw new RequestError('invalid_request', `the address changes: enter its secrets again (${kept.join(', ')})`);
}

/** Where the secrets of these settings are sent to. */
function targetOf(settings: ChannelSettings): string {
  if ('apiUrl' in settings) return new URL(settings.apiUrl).origin;
  if ('url' in settings) return new URL(settings.url).origin;
  return settings.kind === 'email' ? `${settings.host}:${settings.port}:${settings.security}` : '';
}

function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone.length > 0;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
