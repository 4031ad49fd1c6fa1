import { type ChannelSettings, ChannelSettingsSchema, RequestError } from '@sentinellog/shared';
import { z } from 'zod';
import { appendAudit } from './audit.ts';
import type { By } from './credentials.ts';
import { fromStorableJson, fromStorableText, toStorableJson, toStorableText } from './lossless-text.ts';
import type { Database, Transaction } from './postgres.ts';

/** A channel that was made by the API; its secrets are sealed. */
export interface StoredChannel {
  readonly channelId: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly failover: string | null;
  readonly settings: ChannelSettings;
  readonly sealedSecrets: Uint8Array;
  readonly secretNames: readonly string[];
  readonly version: number;
}

const Row = z
  .object({
    channel_id: z.string(),
    name: z.string().transform(fromStorableText),
    enabled: z.boolean(),
    failover: z.string().nullable(),
    settings: z.string().transform((text) => ChannelSettingsSchema.parse(fromStorableJson(text))),
    secrets: z.instanceof(Uint8Array),
    secret_names: z.array(z.string()),
    version: z.number(),
  })
  .transform(
    (row): StoredChannel => ({
      channelId: row.channel_id,
      name: row.name,
      enabled: row.enabled,
      failover: row.failover,
      settings: row.settings,
      sealedSecrets: row.secrets,
      secretNames: row.secret_names,
      version: row.version,
    }),
  );
const COLUMNS = 'channel_id, name, enabled, failover, settings::text AS settings, secrets, secret_names, version';

/** Channels and their settings. Every change writes its audit entry in the same transaction; no secret is in it. */
export class ChannelTable {
  readonly #database: Pick<Database, 'query' | 'transaction'>;

  constructor(database: Pick<Database, 'query' | 'transaction'>) {
    this.#database = database;
  }

  async list(): Promise<StoredChannel[]> {
    const rows = await this.#database.query(`SELECT ${COLUMNS} FROM notify_channel ORDER BY channel_id`);
    return rows.map((row) => Row.parse(row));
  }

  /** RequestError `conflict`: there is one with this id. */
  async add(channel: StoredChannel, by: By): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      const rows = await transaction.query(
        `INSERT INTO notify_channel
           (channel_id, name, enabled, failover, settings, secrets, secret_names, version, updated_at_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING channel_id`,
        [...valuesOf(channel), by.atMs],
      );
      if (rows.length === 0) throw new RequestError('conflict', 'there is a channel with this id already');
      await audit(transaction, by, 'channel.create', channel);
    });
  }

  /** RequestError `conflict`: it is no longer of the version before; `not_found`: it is gone. */
  async replace(channel: StoredChannel, by: By): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      const rows = await transaction.query(
        `UPDATE notify_channel SET name = $2, enabled = $3, failover = $4, settings = $5, secrets = $6,
                secret_names = $7, version = $8, updated_at_ms = $9
         WHERE channel_id = $1 AND version = $8 - 1 RETURNING channel_id`,
        [...valuesOf(channel), by.atMs],
      );
      if (rows.length === 0) throw new RequestError('conflict', 'the channel has changed since it was read');
      await audit(transaction, by, 'channel.replace', channel);
    });
  }

  /** False: there is no such channel. */
  async remove(channelId: string, by: By): Promise<boolean> {
    return this.#database.transaction(async (transaction) => {
      const rows = await transaction.query('DELETE FROM notify_channel WHERE channel_id = $1 RETURNING channel_id', [
        channelId,
      ]);
      if (rows.length === 0) return false;
      await appendAudit(transaction, { ...by, action: 'channel.remove', object: channelId, detail: {} });
      return true;
    });
  }
}

function valuesOf(channel: StoredChannel): unknown[] {
  const { channelId, name, enabled, failover, settings, sealedSecrets, secretNames, version } = channel;
  return [
    channelId,
    toStorableText(name),
    enabled,
    failover,
    toStorableJson(settings),
    sealedSecrets,
    secretNames,
    version,
  ];
}

function audit(transaction: Transaction, by: By, action: string, channel: StoredChannel): Promise<void> {
  const { channelId, name, enabled, failover, settings, secretNames, version } = channel;
  const detail = { name, enabled, failover, settings, secrets: secretNames, version };
  return appendAudit(transaction, { ...by, action, object: channelId, detail });
}
