import type { LookupFunction } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaultyServer } from '../fakes/faulty-server.ts';
import { createOutwardFetch, TargetRules } from '../../src/notify/outward-fetch.ts';

/** Whoever looks up one of these names gets these addresses. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'rebound.example': ['127.0.0.1'],
  'half.example': ['93.184.216.34', '10.0.0.1'],
  'metadata.example': ['169.254.169.254'],
  'mapped.example': ['::ffff:127.0.0.1'],
  'inside.example': ['fd00::1'],
};
const resolve: LookupFunction = (host, _options, callback) => {
  const addresses = NAMES[host];
  if (addresses === undefined) callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), []);
  else
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
};

const DENIED: readonly string[] = [
  'https://127.0.0.1/',
  'https://127.8.9.1/',
  'https://localhost/',
  'https://0.0.0.0/',
  'https://10.0.0.1/',
  'https://172.16.0.1/',
  'https://172.31.255.255/',
  'https://192.168.1.1/',
  'https://169.254.169.254/latest/meta-data',
  'https://100.64.0.1/',
  'https://198.18.0.1/',
  'https://224.0.0.1/',
  'https://255.255.255.255/',
  'https://0x7f.1/',
  'https://0x7f000001/',
  'https://2130706433/',
  'https://017700000001/',
  'https://127.1/',
  'https://[::1]/',
  'https://[::]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[::ffff:a9fe:a9fe]/',
  'https://[fe80::1]/',
  'https://[fd00:ec2::254]/',
  'https://[fc00::1]/',
  'https://[ff02::1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[2002:7f00:1::]/',
  'https://[2001:db8::1]/',
  'https://rebound.example/',
  'https://half.example/',
  'https://metadata.example/',
  'https://mapped.example/',
  'https://inside.example/',
  'http://example.com/',
  'https://user:secret@example.com/',
  'file:///etc/passwd',
  'gopher://127.0.0.1/',
  'not an address',
];

const get = { method: 'GET', headers: {}, signal: AbortSignal.timeout(5000) } as const;

describe('requests to addresses that people configure', () => {
  const outward = createOutwardFetch(new TargetRules([]), resolve);

  it('are forty ways to get inside', () => expect(DENIED).toHaveLength(40));

  it.each(DENIED)('do not reach %s', async (url) => {
    await expect(outward(url, get)).rejects.toMatchObject({ name: 'DeliveryFailure' });
    const failure: unknown = await outward(url, get).catch((error: unknown) => error);
    // `localhost` is no name that the resolver of this test knows: not reached either.
    const reasons = ['forbidden_target', 'configuration', ...(url.includes('localhost') ? ['unreachable'] : [])];
    expect(reasons).toContain((failure as { reason: string }).reason);
    expect((failure as Error).message).not.toContain('secret');
  });

  describe('where a person allowed the host', () => {
    let server: FaultyServer;
    const allowed = createOutwardFetch(new TargetRules(['127.0.0.0/8', 'rebound.example']), resolve);
    beforeAll(async () => {
      server = await FaultyServer.open(() => ({ status: 200, body: 'x'.repeat(200_000) }));
    });
    afterAll(() => server.close());

    it('take no more of an answer than 64 KiB', async () => {
      const answer = await allowed(server.url, get);
      expect(answer.status).toBe(200);
      expect(answer.text.length).toBeLessThanOrEqual(64 * 1024);
    });

    it('reach it by its name too', async () => {
      const port = new URL(server.url).port;
      expect((await allowed(`http://rebound.example:${port}/`, get)).status).toBe(200);
    });

    it('follow no redirect', async () => {
      server.fault = 'redirect';
      const answer = await allowed(server.url, get);
      server.fault = 'none';
      expect(answer.status).toBe(302);
    });

    it('end with their signal, and say that the message may have arrived', async () => {
      server.fault = 'hang';
      const hanging = allowed(server.url, { ...get, signal: AbortSignal.timeout(50) });
      await expect(hanging).rejects.toMatchObject({ remedy: 'retry', reason: 'timeout', mayHaveArrived: true });
      server.fault = 'none';
    });
  });
});
