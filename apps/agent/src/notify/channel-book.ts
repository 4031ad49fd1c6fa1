import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type ChannelSettings, secretsProblem } from '@sentinellog/shared';
import type { Config } from '../config/config.ts';
import type { Channel, ChannelTools, Secrets } from './channel.ts';
import { openChannel } from './channels.ts';
import type { SecretBox } from './secret-box.ts';

/** Channels that were made by the API, as the store keeps them. */
export interface StoredChannels {
  list(): Promise<
    readonly {
      readonly channelId: string;
      readonly name: string;
      readonly enabled: boolean;
      readonly failover: string | null;
      readonly settings: ChannelSettings;
      readonly sealedSecrets: Uint8Array;
      readonly secretNames: readonly string[];
      readonly version: number;
    }[]
  >;
}

/** A channel as it is set up just now. */
export interface BookedChannel {
  readonly channelId: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly failover: string | null;
  readonly settings: ChannelSettings;
  readonly secretNames: readonly string[];
  readonly secrets: Secrets;
  readonly origin: 'config' | 'api';
  readonly version: number;
  /** null: it cannot be opened, for the reason in `problem`. */
  readonly channel: Channel | null;
  readonly problem: string;
  /** Changes with anything that was set: settings and secrets. */
  readonly fingerprint: string;
}

type Draft = Omit<BookedChannel, 'channel' | 'problem' | 'fingerprint' | 'secrets'> & {
  readonly secrets: Secrets | null;
  readonly trouble: string;
};

export interface ChannelBookParts {
  readonly configured: Config['channels'];
  readonly stored: StoredChannels;
  readonly box: SecretBox;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly tools: ChannelTools;
}

/** A secret file holds a token, not a book. */
const MAX_SECRET_CHARACTERS = 8192;

/**
 * All channels, those of the configuration file first. `refresh` reads the table and the secret files again: a secret
 * that was rotated on disk, or by another replica, is in use a few seconds later without a restart.
 */
export class ChannelBook {
  readonly #parts: ChannelBookParts;
  #channels: ReadonlyMap<string, BookedChannel> = new Map();

  constructor(parts: ChannelBookParts) {
    this.#parts = parts;
  }

  list(): readonly BookedChannel[] {
    return [...this.#channels.values()];
  }

  one(channelId: string): BookedChannel | undefined {
    return this.#channels.get(channelId);
  }

  /** @returns ids of the channels that are new or differ from before */
  async refresh(): Promise<readonly string[]> {
    const { configured, stored } = this.#parts;
    const drafts = [
      ...(await Promise.all(configured.map((channel) => this.#ofConfig(channel)))),
      ...(await stored.list()).map((channel) => this.#ofStore(channel)),
    ];
    const channels = new Map<string, BookedChannel>();
    const changed: string[] = [];
    for (const draft of drafts) {
      // The file goes first: whoever wrote it there expects it to hold.
      if (channels.has(draft.channelId)) continue;
      const fingerprint = fingerprintOf(draft);
      const before = this.#channels.get(draft.channelId);
      const isSame = before?.fingerprint === fingerprint;
      channels.set(draft.channelId, isSame ? before : this.#open(draft, fingerprint));
      if (!isSame) changed.push(draft.channelId);
    }
    this.#channels = channels;
    return changed;
  }

  #open(draft: Draft, fingerprint: string): BookedChannel {
    const { trouble, secrets, ...rest } = draft;
    const problem = trouble || (secretsProblem(draft.settings.kind, draft.secretNames) ?? '');
    const base = { ...rest, secrets: secrets ?? {}, fingerprint };
    if (problem !== '' || secrets === null) return { ...base, channel: null, problem };
    const channel = openChannel(draft.settings, secrets, this.#parts.tools);
    return { ...base, channel, problem: '' };
  }

  #ofStore(channel: Awaited<ReturnType<StoredChannels['list']>>[number]): Draft {
    const { sealedSecrets, ...rest } = channel;
    const secrets = this.#parts.box.open(sealedSecrets, channel.channelId);
    const trouble =
      secrets === null
        ? 'its secrets were sealed under another key: set notify.secretKeyFile, or enter them again'
        : '';
    return { ...rest, origin: 'api', secrets, trouble };
  }

  async #ofConfig(channel: Config['channels'][number]): Promise<Draft> {
    const { id, name, enabled, failover, settings } = channel;
    const secrets: Record<string, string> = {};
    const missing: string[] = [];
    for (const [secret, from] of Object.entries(channel.secrets)) {
      const text = 'env' in from ? this.#parts.env[from.env] : await secretOfFile(from.file);
      if (text === undefined || text === '') missing.push('env' in from ? `variable ${from.env}` : `file ${from.file}`);
      else secrets[secret] = text;
    }
    const trouble = missing.length === 0 ? '' : `a secret cannot be read: ${missing.join(', ')} is absent or empty`;
    const names = Object.keys(channel.secrets);
    const base = { channelId: id, name: name ?? id, enabled, failover, settings, secretNames: names };
    return { ...base, origin: 'config', version: 0, secrets: trouble === '' ? secrets : null, trouble };
  }
}

async function secretOfFile(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).slice(0, MAX_SECRET_CHARACTERS).trim();
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function fingerprintOf({ settings, secrets, enabled, name, failover, version, trouble }: Draft): string {
  const all = JSON.stringify([settings, secrets, enabled, name, failover, version, trouble]);
  return createHash('sha256').update(all).digest('hex');
}
