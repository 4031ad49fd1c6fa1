import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleLines } from '../../src/tally/sample-lines.ts';
import { type Front, FRONT_KEY, startFront } from './front.ts';

const LOCAL = '127.0.0.1:0';

let dir: string;
let front: Front;
let isClosed: boolean;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ports-'));
  const lane = { listen: LOCAL };
  front = await startFront({ dir, now: Date.now, receive: { syslog: { tcp: lane, udp: lane }, relp: lane } });
  isClosed = false;
});
afterEach(async () => {
  if (!isClosed) await front.close();
  rmSync(dir, { recursive: true });
});

const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });

async function open(protocol: string, of = front): Promise<Socket> {
  const [host, port] = of.listeners.addresses[protocol].split(':');
  const socket = connect(Number(port), host);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

const counted = (events: number, of = front) =>
  expect.poll(() => of.tally.counters['accepted'], { timeout: 10_000, interval: 20 }).toBe(events);
const message = (n: number, text = 'failed') => `<11>1 - web-1 shop - - - order ${n} ${text}`;

async function talk(socket: Socket, text: string, until: RegExp): Promise<string> {
  let answer = '';
  const onData = (chunk: Buffer) => {
    answer += chunk.toString();
  };
  socket.on('data', onData);
  socket.write(text);
  await expect.poll(() => answer, { timeout: 5000 }).toMatch(until);
  socket.off('data', onData);
  return answer;
}

describe('syslog over TCP', () => {
  it('takes messages however they are cut into packets', async () => {
    const socket = await open('syslog-tcp');
    socket.setNoDelay(true);
    const one = message(1, 'with a\nline feed');
    const stream = Buffer.from(`${one.length} ${one}${message(2)}\n${message(3)}\n${message(4).length} ${message(4)}`);
    for (let at = 0; at < stream.length; at += 7) {
      socket.write(stream.subarray(at, at + 7));
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    await counted(4);
    expect(front.tally.counters).toMatchObject({ unparsed: 0 });
  });

  it('keeps what a closing sender has left unfinished', async () => {
    const socket = await open('syslog-tcp');
    socket.end(`${message(1)}\n${message(2)}`);
    await counted(2);
  });

  it('keeps 64 KiB of a longer message, says so in its text, and reads on behind it', async () => {
    const socket = await open('syslog-tcp');
    const long = message(1, 'x'.repeat(200_000));
    socket.end(`${long}\n${long.length} ${long}${message(2)}\n`);
    await counted(3);
    expect(front.listeners.counts).toMatchObject({ syslog_truncated: 2 });
    const second = Math.floor(Date.now() / 1000);
    const want = { tenant: 'default', service: 'shop', fromSecond: second - 60, toSecond: second + 1 } as const;
    const journal = {
      async *read() {
        yield* front.journal.read(0);
      },
    };
    const samples = await sampleLines(journal.read(), { ...want, prefer: 'any', limit: 3 });
    expect(samples).toHaveLength(3);
  });

  it('hangs up on an octet count that cannot be true, and keeps what came before', async () => {
    const socket = await open('syslog-tcp');
    socket.write(`${message(1)}\n9999999 <11>x`);
    await once(socket, 'close');
    await counted(1);
    expect(front.listeners.counts).toMatchObject({ syslog_octet_count: 1 });
  });

  it('loses nothing of what was sent before the stop', async () => {
    const socket = await open('syslog-tcp');
    const events = 20_000;
    socket.write(Array.from({ length: events }, (_, n) => `${message(n)}\n`).join(''));
    isClosed = true;
    await front.close();
    expect(front.tally.counters).toMatchObject({ accepted: events });
  });

  it('survives anything, and the next sender is served', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { maxLength: 4 }), async (chunks) => {
        for (const protocol of ['syslog-tcp', 'relp']) {
          const socket = await open(protocol);
          for (const chunk of chunks) socket.write(chunk);
          socket.end();
          socket.resume();
          if (!socket.closed) await once(socket, 'close');
        }
      }),
      { numRuns: Number(process.env['SENTINELLOG_FUZZ_RUNS'] ?? 30) },
    );
    const before = front.tally.counters['accepted'] ?? 0;
    const socket = await open('syslog-tcp');
    socket.end(`${message(1)}\n`);
    await expect.poll(() => front.tally.counters['accepted'], { timeout: 5000 }).toBeGreaterThan(before);
  });
});

describe('syslog over UDP', () => {
  it('takes each datagram as one message', async () => {
    const [host, port] = front.listeners.addresses['syslog-udp'].split(':');
    const socket = createSocket('udp4');
    for (let n = 0; n < 200; n++) {
      socket.send(`${message(n, 'two\nlines')}\n`, Number(port), host);
      if (n % 20 === 0)
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
    }
    await counted(200);
    socket.close();
    expect(front.listeners.counts).toMatchObject({ syslog_udp_kernel: 0 });
  });
});

describe('RELP', () => {
  const OPEN = 'relp_version=0\nrelp_software=test\ncommands=syslog';

  it('answers each message once it is on disk, and the close', async () => {
    const socket = await open('relp');
    expect(await talk(socket, `1 open ${OPEN.length} ${OPEN}\n`, /commands=syslog\n$/)).toMatch(/^1 rsp \d+ 200 OK\n/);
    const text = message(1);
    const answer = await talk(socket, `2 syslog ${text.length} ${text}\n3 syslog ${text.length} ${text}\n`, /3 rsp/);
    expect(answer).toBe('2 rsp 6 200 OK\n3 rsp 6 200 OK\n');
    expect(front.journal.counters.records).toBeGreaterThan(0);
    expect(await talk(socket, '4 close 0\n', /serverclose/)).toBe('4 rsp 0\n0 serverclose 0\n');
    await counted(2);
  });

  it('refuses a message before a session and a command it does not know', async () => {
    const socket = await open('relp');
    expect(await talk(socket, '1 syslog 5 <11>x\n', /rsp/)).toBe('1 rsp 24 500 open a session first\n');
    expect(await talk(socket, '2 starttls 0\n', /2 rsp/)).toContain('2 rsp 34 500 this command is not known here');
  });

  it.each(['x\n', '1 syslog 99999999 x', '1 syslog 3 abcdef\n', '1'.repeat(60)])(
    'hangs up on what is no frame: %s',
    async (text) => {
      const socket = await open('relp');
      socket.write(text);
      socket.resume();
      await once(socket, 'close');
      expect(front.tally.counters).toMatchObject({ accepted: 0 });
    },
  );
});

describe('a port', () => {
  it('lets in whom its list names, and counts the others', async () => {
    const other = await startFront({
      dir: join(dir, 'other'),
      now: Date.now,
      receive: { syslog: { tcp: { listen: LOCAL, allow: ['10.0.0.0/8'] } } },
    });
    const socket = await open('syslog-tcp', other);
    socket.resume();
    await once(socket, 'close');
    expect(other.listeners.counts).toMatchObject({ address: 1 });
    await other.close();
  });

  it('counts under its key, and takes nothing when the key is not valid', async () => {
    const tcp = { listen: LOCAL, key: FRONT_KEY };
    const other = await startFront({
      dir: join(dir, 'other'),
      now: Date.now,
      receive: { syslog: { tcp }, relp: { listen: LOCAL, key: 'slk_wrong' } },
    });
    const socket = await open('syslog-tcp', other);
    socket.end(`${message(1)}\n`);
    await counted(1, other);
    const keys = [];
    for await (const { record } of other.journal.read(0)) keys.push(record.keyId);
    expect(keys).toEqual(['test']);
    const relp = await open('relp', other);
    let answer = '';
    relp.on('data', (chunk: Buffer) => {
      answer += chunk.toString();
    });
    relp.write('1 open 0\n2 syslog 5 <11>x\n');
    await expect.poll(() => answer, { timeout: 5000 }).toMatch(/2 rsp 24 500 the key is not valid/);
    expect(other.rejections).toMatchObject([{ protocol: 'relp', code: 'unauthenticated' }]);
    await other.close();
  });

  it('speaks TLS, and asks for a certificate where it is told to', async () => {
    const file = (name: string) => join(dir, name);
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-keyout',
      file('key'),
      '-out',
      file('cert'),
    );
    const tls = { listen: LOCAL, certFile: file('cert'), keyFile: file('key'), clientCaFile: file('cert') };
    const other = await startFront({ dir: join(dir, 'other'), now: Date.now, receive: { syslog: { tls } } });
    const [host, port] = other.listeners.addresses['syslog-tls'].split(':');
    const key = { cert: readFileSync(file('cert')), key: readFileSync(file('key')) };
    const known = connectTls({ host, port: Number(port), rejectUnauthorized: false, ...key });
    await once(known, 'secureConnect');
    known.end(`${message(1)}\n`);
    await counted(1, other);
    const stranger = connectTls({ host, port: Number(port), rejectUnauthorized: false });
    stranger.on('error', () => undefined);
    stranger.resume();
    await new Promise<void>((resolve) => {
      stranger.on('close', () => resolve());
    });
    expect(other.listeners.counts).toMatchObject({ tls: 1 });
    await other.close();
  });
});
