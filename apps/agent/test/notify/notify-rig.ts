/** The notify stage on a real PostgreSQL outbox, with doubles for the incidents it speaks of. */
import { randomBytes, randomUUID } from 'node:crypto';
import { type Actor, type ChannelSettings, type IncidentAction, uuidv7 } from '@sentinellog/shared';
import { ConfigSchema } from '../../src/config/config-schema.ts';
import type { Delivery, IncidentNotice } from '../../src/pipeline/delivery.ts';
import { Notify, type NotifyParts } from '../../src/notify/notify.ts';
import { SecretBox } from '../../src/notify/secret-box.ts';
import { noticeFor } from '../../src/notify/testing/a-notice.ts';
import { ChannelTable } from '../../src/store/channels.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { NotifyLease } from '../../src/store/notify-lease.ts';
import { Outbox } from '../../src/store/outbox.ts';
import { Database } from '../../src/store/postgres.ts';
import { silentLog } from '../../src/store/testing/silent-log.ts';
import { createLog } from '../../src/telemetry/log.ts';

export interface RigChannel {
  readonly id: string;
  readonly settings: ChannelSettings | { readonly kind: 'slack_webhook' };
  readonly secrets: Readonly<Record<string, string>>;
  readonly failover?: string;
}

export interface RigOptions {
  readonly databaseUrl: string;
  readonly channels: readonly RigChannel[];
  readonly limits?: NotifyParts['limits'];
  readonly noticeOf?: (delivery: Delivery) => IncidentNotice | null;
}

export interface Rig {
  readonly notify: Notify;
  readonly outbox: Outbox;
  readonly database: Database;
  /** What was asked of the desk of incidents. */
  readonly acts: { readonly incidentId: string; readonly action: IncidentAction; readonly actor: Actor }[];
  tell(...deliveries: readonly Delivery[]): Promise<void>;
  stop(): Promise<void>;
}

/** A hundred times faster than life where life only waits. */
export const FAST: NonNullable<NotifyParts['limits']> = {
  pollMs: 20,
  attemptMs: 1500,
  failOverMs: 120_000,
  digestGapMs: 300,
  tendMs: 100,
  leaseMs: 4000,
};

export async function openRig({
  databaseUrl,
  channels,
  limits = FAST,
  noticeOf = noticeFor,
}: RigOptions): Promise<Rig> {
  const database = new Database(() => ({ connectionString: databaseUrl }), silentLog);
  await database.connect();
  await migrate(database, silentLog, Date.now());
  const env: Record<string, string> = {};
  const configured = channels.map(({ id, settings, secrets, failover = null }) => ({
    id,
    settings,
    failover,
    secrets: Object.fromEntries(
      Object.entries(secrets).map(([name, text]) => {
        const variable = `${id.replaceAll('-', '_')}_${name}`;
        env[variable] = text;
        return [name, { env: variable }];
      }),
    ),
  }));
  const config = ConfigSchema.parse({ channels: configured, notify: { allowPrivateHosts: ['127.0.0.1'] } });
  const outbox = new Outbox(database, Date.now);
  const acts: Rig['acts'] = [];
  const notify = new Notify({
    config,
    env,
    outbox,
    lease: new NotifyLease(database, uuidv7(Date.now(), randomBytes(10))),
    channels: new ChannelTable(database),
    box: new SecretBox(new Uint8Array(32), randomBytes),
    notices: { noticeOf: (delivery) => Promise.resolve(noticeOf(delivery)) },
    witness: { delivered: () => undefined, failed: () => undefined },
    desk: {
      act: (incidentId, action, actor) => {
        acts.push({ incidentId, action, actor });
        return Promise.resolve({ type: 'done' });
      },
    },
    people: { nameOf: () => Promise.resolve(null) },
    log: createLog('silent'),
    now: Date.now,
    monotonic: () => performance.now(),
    chance: Math.random,
    limits,
  });
  return {
    notify,
    outbox,
    database,
    acts,
    tell: async (...deliveries) => {
      await database.transaction((transaction) => outbox.insert(transaction, deliveries));
      notify.wake();
    },
    stop: async () => {
      await notify.stop();
      await database.close();
    },
  };
}

export function aDelivery(overrides: Partial<Delivery> = {}): Delivery {
  return {
    incidentId: randomUUID(),
    channelId: 'slack',
    transition: 'opened',
    turn: 1,
    notBeforeMs: 0,
    because: 'P1 pages at all hours (default policy)',
    batch: false,
    ...overrides,
  };
}
