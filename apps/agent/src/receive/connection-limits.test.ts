import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConnectionLimits } from './connection-limits.ts';

let nowMs: number;
let limits: ConnectionLimits;
let server: http.Server;
let opened: net.Socket[];
beforeEach(async () => {
  nowMs = 0;
  opened = [];
  limits = new ConnectionLimits({ maxPerAddress: 3, now: () => nowMs });
  server = http.createServer((request, response) => {
    request.resume().on('end', () => response.end('done'));
  });
  limits.watch(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});
afterEach(() => {
  for (const socket of opened) socket.destroy();
  server.closeAllConnections();
  server.close();
});

/** What a connection comes to: the first bytes that arrive, or `closed`. */
function connection(text: string): { readonly socket: net.Socket; readonly fate: Promise<string> } {
  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  opened.push(socket);
  const fate = new Promise<string>((resolve) => {
    socket.once('data', (bytes) => resolve(bytes.toString().slice(0, 12)));
    socket.on('error', () => undefined);
    socket.once('close', () => resolve('closed'));
  });
  socket.write(text);
  return { socket, fate };
}

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const HALF_A_POST = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n{"half":';

describe('connection limits', () => {
  it('give one address no more than its share, and the place of a connection that has ended to the next', async () => {
    for (let i = 0; i < 3; i++) expect(await connection(GET).fate).toBe('HTTP/1.1 200');
    expect(await connection(GET).fate).toBe('closed');
    expect(limits.counts.address_full).toBe(1);
    const ended = new Promise((resolve) => opened[0]?.once('close', resolve));
    opened[0]?.destroy();
    await ended;
    let fate = await connection(GET).fate;
    while (fate === 'closed') fate = await connection(GET).fate;
    expect(fate).toBe('HTTP/1.1 200');
  });

  it('cut off a body that comes at less than a kilobyte a second, and no other', async () => {
    const arrived = new Promise((resolve) => server.once('request', resolve));
    const slow = connection(HALF_A_POST);
    await arrived;
    limits.cutSlow();
    nowMs = 9999;
    limits.cutSlow();
    expect(limits.counts.too_slow).toBe(0);
    const idle = connection(GET);
    await idle.fate;
    nowMs = 10_000;
    limits.cutSlow();
    expect(await slow.fate).toBe('closed');
    expect(limits.counts.too_slow).toBe(1);
    nowMs = 60_000;
    limits.cutSlow();
    expect(idle.socket.destroyed).toBe(false);
  });

  it('let a large body take its time as long as it moves', async () => {
    const arrived = new Promise<http.IncomingMessage>((resolve) => server.once('request', resolve));
    const { socket, fate } = connection(HALF_A_POST);
    const request = await arrived;
    limits.cutSlow();
    const received = new Promise<void>((resolve) => {
      let bytes = 0;
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes >= 60_000) resolve();
      });
    });
    socket.write('x'.repeat(60_000));
    await received;
    nowMs = 30_000;
    limits.cutSlow();
    socket.write('x'.repeat(100_000 - 60_000 - '{"half":'.length));
    expect(await fate).toBe('HTTP/1.1 200');
  });
});
