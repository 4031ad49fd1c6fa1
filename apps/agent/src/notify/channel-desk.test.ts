import { randomBytes } from 'node:crypto';
import type { ChannelReplace, ChannelSettings } from '@sentinellog/shared';
import { beforeEach, describe, expect, it } from 'vitest';
import { ChannelBook } from './channel-book.ts';
import { ChannelDesk, type ChannelStore } from './channel-desk.ts';
import { DeliveryFailure } from './delivery-failure.ts';
import { SecretBox } from './secret-box.ts';

type Stored = Awaited<ReturnType<ChannelStore['list']>>[number];

const webhook: ChannelSettings = { kind: 'webhook', url: 'https://hooks.example.com/ops' };
const configured = {
  id: 'from-file',
  enabled: true,
  failover: null,
  settings: { kind: 'pagerduty', url: 'https://events.pagerduty.com/v2/enqueue' } as const,
  secrets: { routingKey: { env: 'PD_KEY' } },
};

let rows: Map<string, Stored>;
let sent: string[];
let env: Record<string, string>;
let failWith: DeliveryFailure | null;
let book: ChannelBook;
let desk: ChannelDesk;

beforeEach(() => {
  rows = new Map();
  sent = [];
  env = { PD_KEY: 'R1' };
  failWith = null;
  const box = new SecretBox(new Uint8Array(32), randomBytes);
  const store: ChannelStore = {
    list: () => Promise.resolve([...rows.values()]),
    add: (channel) => Promise.resolve(void rows.set(channel.channelId, channel)),
    replace: (channel) => Promise.resolve(void rows.set(channel.channelId, channel)),
    remove: (channelId) => Promise.resolve(rows.delete(channelId)),
  };
  const tools = {
    now: () => 0,
    fetch: (url: string) => {
      if (failWith !== null) return Promise.reject(failWith);
      sent.push(url);
      return Promise.resolve({ status: 200, headers: {}, text: '' });
    },
  };
  book = new ChannelBook({ configured: [configured], stored: store, box, env, tools });
  desk = new ChannelDesk({
    book,
    store,
    box,
    statusOf: () => ({ state: 'ok', detail: '', pending: 0, oldest_pending_seconds: 0, last_sent_ms: null }),
    onChanged: () => undefined,
    cluster: 'EU',
    consoleUrl: null,
    now: () => 0,
  });
});

const create = (secrets: Record<string, string> = { signingSecret: 'one' }) =>
  desk.create({ channel_id: 'ops', name: 'Ops', enabled: true, failover: null, settings: webhook, secrets }, 'Ada');
const replacement = (overrides: Partial<ChannelReplace> = {}): ChannelReplace => ({
  name: 'Ops',
  enabled: true,
  failover: null,
  settings: webhook,
  secrets: {},
  ...overrides,
});
const refusal = { name: 'RequestError', code: 'invalid_request' };

describe('setting up channels', () => {
  it('shows which secrets there are, never what they are', async () => {
    expect(await create()).toMatchObject({ channel_id: 'ops', secrets: ['signingSecret'], origin: 'api', version: 1 });
    expect(JSON.stringify(await desk.list())).not.toMatch(/"one"|R1/);
  });

  it('refuses a channel without the secrets that it needs, or with others', async () => {
    await expect(create({})).rejects.toMatchObject(refusal);
    await expect(create({ signingSecret: 'one', password: 'two' })).rejects.toMatchObject(refusal);
  });

  it('keeps the secrets that a change does not name', async () => {
    await create();
    await desk.replace('ops', replacement({ secrets: { previousSigningSecret: 'zero' } }), 1, 'Ada');
    expect(book.one('ops')?.secrets).toEqual({ signingSecret: 'one', previousSigningSecret: 'zero' });
    await desk.replace('ops', replacement({ secrets: { previousSigningSecret: null } }), 2, 'Ada');
    expect(book.one('ops')?.secrets).toEqual({ signingSecret: 'one' });
  });

  it('does not send a secret to an address that somebody else enters', async () => {
    await create();
    const elsewhere: ChannelSettings = { kind: 'webhook', url: 'https://evil.example/' };
    await expect(desk.replace('ops', replacement({ settings: elsewhere }), 1, 'Ada')).rejects.toMatchObject(refusal);
    const known = replacement({ settings: elsewhere, secrets: { signingSecret: 'new' } });
    expect(await desk.replace('ops', known, 1, 'Ada')).toMatchObject({ version: 2 });
  });

  it('answers 409 to who has seen an older version', async () => {
    await create();
    await desk.replace('ops', replacement(), 1, 'Ada');
    await expect(desk.replace('ops', replacement(), 1, 'Ben')).rejects.toMatchObject({ code: 'conflict' });
  });

  it('leaves the channels of the configuration file to the file', async () => {
    await desk.list();
    await expect(desk.remove('from-file', 'Ada')).rejects.toMatchObject(refusal);
  });

  it('keeps a channel that another one falls back on', async () => {
    await create();
    await desk.create(
      {
        channel_id: 'first',
        name: 'First',
        enabled: true,
        failover: 'ops',
        settings: webhook,
        secrets: { signingSecret: 's' },
      },
      'Ada',
    );
    await expect(desk.remove('ops', 'Ada')).rejects.toMatchObject(refusal);
    expect(await desk.remove('first', 'Ada')).toBe(true);
    expect(await desk.remove('ops', 'Ada')).toBe(true);
    expect(await desk.remove('ops', 'Ada')).toBe(false);
  });

  it('sends a test and takes it back, and says what went wrong', async () => {
    await create();
    expect(await desk.test('ops')).toMatchObject({ ok: true });
    expect(sent).toEqual(['https://hooks.example.com/ops', 'https://hooks.example.com/ops']);
    failWith = new DeliveryFailure('broken', 'hooks.example.com refuses the credentials', { reason: 'auth' });
    expect(await desk.test('ops')).toEqual({ ok: false, detail: failWith.message, message_id: null });
    await expect(desk.test('nobody')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('uses a secret that was rotated, and says when one is gone', async () => {
    await book.refresh();
    expect(book.one('from-file')?.secrets).toEqual({ routingKey: 'R1' });
    env['PD_KEY'] = 'R2';
    expect(await book.refresh()).toEqual(['from-file']);
    expect(book.one('from-file')?.secrets).toEqual({ routingKey: 'R2' });
    delete env['PD_KEY'];
    await book.refresh();
    expect(await desk.test('from-file')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('variable PD_KEY'),
    });
  });
});
