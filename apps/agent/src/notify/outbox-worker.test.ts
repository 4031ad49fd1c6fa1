import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLog } from '../telemetry/log.ts';
import type { Channel } from './channel.ts';
import type { BookedChannel, ChannelBook } from './channel-book.ts';
import { DeliveryFailure } from './delivery-failure.ts';
import { Leadership } from './leadership.ts';
import { NotifyCounts } from './notify-readings.ts';
import { type OutboxTable, OutboxWorker, type PendingDelivery, WORKER_LIMITS } from './outbox-worker.ts';
import { noticeFor } from './testing/a-notice.ts';

const FENCE = 7;

function row(overrides: Partial<PendingDelivery> = {}): PendingDelivery {
  const delivery = { incidentId: 'i1', channelId: 'ops', transition: 'opened', turn: 1, notBeforeMs: 0 } as const;
  const way = { outboxId: 1, createdAtMs: 0, attempts: 0, inDoubt: false, heard: false, ref: null };
  return { ...delivery, because: 'P1 pages at all hours', batch: false, ...way, ...overrides };
}

/** An outbox of rows that wait, and what became of them. */
function anOutbox(rows: readonly PendingDelivery[]) {
  const waiting = new Map(rows.map((each) => [each.outboxId, each]));
  const settled: string[] = [];
  const settle = (each: readonly PendingDelivery[], how: string) => {
    for (const { outboxId, inDoubt } of each) {
      waiting.delete(outboxId);
      settled.push(`${outboxId} ${how}${inDoubt ? ' in doubt' : ''}`);
    }
    return Promise.resolve();
  };
  const table: OutboxTable = {
    due: () => Promise.resolve([...waiting.values()]),
    claim: (each) => Promise.resolve([...each]),
    sent: (each, _fence, messageId) => settle(each, `sent as ${messageId}`),
    retryAt: (each, _fence, _dueMs, reason) => settle(each, `again after ${reason}`),
    drop: (each, _fence, reason) => settle(each, `dropped: ${reason}`),
    hurry: () => Promise.resolve(),
    failOver: () => Promise.resolve(0),
    expire: () => Promise.resolve(0),
    backlog: () => Promise.resolve([]),
    incidentsOf: () => Promise.resolve([]),
  };
  return { table, settled };
}

const until = (probe: () => boolean) => vi.waitUntil(probe, { timeout: 5000, interval: 5 });

/** A channel as it is set up: the same throughout. */
const BOOKED: Omit<BookedChannel, 'channel' | 'enabled'> = {
  channelId: 'ops',
  name: 'Ops',
  failover: null,
  settings: { kind: 'webhook', url: 'https://hooks.example.com/' },
  secretNames: [],
  secrets: {},
  origin: 'api',
  version: 1,
  problem: '',
  fingerprint: 'one',
};

describe('the worker of the outbox', () => {
  let delivered: string[];
  let channel: Channel;
  let isEnabled: boolean;
  let leaseLeftMs: number;
  let worker: OutboxWorker | undefined;
  beforeEach(() => {
    delivered = [];
    isEnabled = true;
    leaseLeftMs = 60_000;
    channel = {
      stormLimit: null,
      deliver: ({ key }) => {
        delivered.push(key);
        return Promise.resolve({ messageId: 'm1', ref: null });
      },
    };
  });
  afterEach(() => worker?.stop());

  const one = (): BookedChannel => ({ ...BOOKED, channel, enabled: isEnabled });

  function run(table: OutboxTable, counts = new NotifyCounts()) {
    let clockMs = 0;
    const book = { refresh: () => Promise.resolve([]), list: () => [one()], one };
    const lease = {
      take: () => Promise.resolve(FENCE),
      renew: () => Promise.resolve(true),
      release: () => Promise.resolve(),
    };
    worker = new OutboxWorker({
      outbox: table,
      leadership: new Leadership(lease, leaseLeftMs, () => clockMs++),
      book: book as Pick<ChannelBook, 'refresh' | 'list' | 'one'> as ChannelBook,
      notices: { noticeOf: (delivery) => Promise.resolve(delivery.incidentId === 'gone' ? null : noticeFor(delivery)) },
      witness: { delivered: () => undefined, failed: () => undefined },
      counts,
      log: createLog('silent'),
      now: () => 0,
      monotonic: () => clockMs++,
      chance: () => 0,
      limits: { ...WORKER_LIMITS, pollMs: 5, attemptMs: 200 },
    });
    worker.start();
  }

  it('says a thing once although it cannot be written down at first', async () => {
    const { table, settled } = anOutbox([row()]);
    let failures = 2;
    const reliable = { ...table };
    table.sent = (...args) =>
      failures-- > 0 ? Promise.reject(new Error('the store is away')) : reliable.sent(...args);
    run(table);
    await until(() => settled.length === 1);
    expect(settled).toEqual(['1 sent as m1']);
    expect(delivered).toEqual(['i1:ops:opened:1']);
  });

  it('says nothing when too little of its lease is left for an attempt', async () => {
    const { table, settled } = anOutbox([row()]);
    leaseLeftMs = 150;
    run(table);
    await until(() => settled.length === 1);
    expect(settled).toEqual(['1 again after lease']);
    expect(delivered).toEqual([]);
  });

  it('takes a message that hangs for doubtful', async () => {
    const { table, settled } = anOutbox([row()]);
    channel = { stormLimit: null, deliver: () => new Promise(() => undefined) };
    run(table);
    await until(() => settled.length === 1);
    expect(settled).toEqual(['1 again after timeout in doubt']);
  });

  it('goes on with the next when one is refused for good', async () => {
    const { table, settled } = anOutbox([row(), row({ outboxId: 2, incidentId: 'i2' })]);
    const willing = { ...channel };
    channel.deliver = (message, signal) =>
      message.notice.incident.incident_id === 'i1'
        ? Promise.reject(new DeliveryFailure('drop', 'refused', { reason: 'refused' }))
        : willing.deliver(message, signal);
    run(table);
    await until(() => settled.length === 2);
    expect(settled).toEqual(['1 dropped: refused', '2 sent as m1']);
  });

  it('stops at the first that cannot get through, and leaves the others alone', async () => {
    const { table, settled } = anOutbox([row(), row({ outboxId: 2, incidentId: 'i2' })]);
    channel.deliver = () => Promise.reject(new DeliveryFailure('retry', 'away', { reason: 'unreachable' }));
    run(table);
    await until(() => settled.length === 1);
    expect(settled).toEqual(['1 again after unreachable']);
  });

  it.each([
    ['what the channel told us itself', { heard: true }, 'echo'],
    ['what is about an incident that is gone', { incidentId: 'gone' }, 'incident_gone'],
  ])('drops %s', async (_, overrides, reason) => {
    const { table, settled } = anOutbox([row(overrides)]);
    run(table);
    await until(() => settled.length === 1);
    expect(settled).toEqual([`1 dropped: ${reason}`]);
    expect(delivered).toEqual([]);
  });

  it('drops what is for a channel that was switched off', async () => {
    const { table, settled } = anOutbox([row()]);
    isEnabled = false;
    run(table);
    await until(() => settled.length === 1);
    expect(settled).toEqual(['1 dropped: channel_off']);
  });
});
