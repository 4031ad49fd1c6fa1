/** Reliability A8: requests that two readers of HTTP could take for different ones, byte by byte over raw sockets. */
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProblemSchema } from '@sentinellog/shared';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Front, FRONT_KEY, startFront } from '../front/front.ts';

let dir: string;
let front: Front;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'smuggling-'));
  front = await startFront({ dir, now: Date.now, rawBytes: 1024 * 1024 });
});
afterEach(async () => {
  await front.close();
  rmSync(dir, { recursive: true });
});

const EVENT = '{"message":"m"}';
const SMUGGLED = `POST /v1/ingest HTTP/1.1\r\nHost: a\r\nX-Sentinel-Key: ${FRONT_KEY}\r\nContent-Length: 15\r\n\r\n${EVENT}`;
const post = (headers: string, body: string): string =>
  `POST /v1/ingest HTTP/1.1\r\nHost: a\r\nX-Sentinel-Key: ${FRONT_KEY}\r\n${headers}\r\n${body}`;
const chunked = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;

/** Everything that comes back until the server closes, or falls silent for a moment. */
function talk(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(Number(new URL(front.url).port), '127.0.0.1');
    let answer = '';
    let silence = setTimeout(() => socket.destroy(), 2000);
    socket.on('data', (bytes) => {
      answer += bytes.toString('latin1');
      clearTimeout(silence);
      silence = setTimeout(() => socket.destroy(), 250);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(silence);
      resolve(answer);
    });
    socket.write(text, 'latin1');
  });
}

const statuses = (answer: string): number[] =>
  [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, code]) => Number(code));

describe('a request that is not one request', () => {
  it.each([
    [
      'Content-Length and Transfer-Encoding',
      post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${SMUGGLED}`),
    ],
    ['two different Content-Lengths', post('Content-Length: 15\r\nContent-Length: 0\r\n', EVENT + SMUGGLED)],
    ['a list of Content-Lengths', post('Content-Length: 15, 0\r\n', EVENT)],
    ['a negative Content-Length', post('Content-Length: -1\r\n', EVENT)],
    ['a signed Content-Length', post('Content-Length: +15\r\n', EVENT)],
    ['a hexadecimal Content-Length', post('Content-Length: 0xf\r\n', EVENT)],
    ['a Content-Length beyond all numbers', post('Content-Length: 99999999999999999999\r\n', EVENT)],
    ['chunked that is not last', post('Transfer-Encoding: chunked, identity\r\n', chunked(EVENT))],
    ['chunked twice over', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked, x\r\n', chunked(EVENT))],
    ['an unknown transfer encoding', post('Transfer-Encoding: xchunked\r\n', chunked(EVENT))],
    ['a space before the colon', post('Transfer-Encoding : chunked\r\n', chunked(EVENT))],
    ['a folded header', post('X-Fold: a\r\n b\r\nContent-Length: 15\r\n', EVENT)],
    ['a bare CR in a header', post('X-Bare: a\rb\r\nContent-Length: 15\r\n', EVENT)],
    ['a NUL in a header', post('X-Nul: a\0b\r\nContent-Length: 15\r\n', EVENT)],
    ['a header without a name', post(': value\r\nContent-Length: 15\r\n', EVENT)],
    [
      'a chunk size that overflows',
      post('Transfer-Encoding: chunked\r\n', `FFFFFFFFFFFFFFFFF\r\n${EVENT}\r\n0\r\n\r\n`),
    ],
    ['a chunk size that is no number', post('Transfer-Encoding: chunked\r\n', `zz\r\n${EVENT}\r\n0\r\n\r\n`)],
    ['chunks that end in bare LF', post('Transfer-Encoding: chunked\r\n', `f\n${EVENT}\n0\n\n`)],
    ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
    ['another version of HTTP', `POST /v1/ingest HTTP/9.9\r\nHost: a\r\n\r\n`],
    ['no Host', `POST /v1/ingest HTTP/1.1\r\nX-Sentinel-Key: ${FRONT_KEY}\r\nContent-Length: 15\r\n\r\n${EVENT}`],
    ['a method that is none', `PO ST /v1/ingest HTTP/1.1\r\nHost: a\r\n\r\n`],
  ])('is refused whole, and nothing of it is counted: %s', async (_, text) => {
    const answer = await talk(text);
    expect(statuses(answer)).toEqual([400]);
    expect(front.tally.counters['accepted'] ?? 0).toBe(0);
  });

  it('is answered with a problem document where Node lets us, and the connection ends', async () => {
    const answer = await talk(post('Content-Length: -1\r\n', EVENT));
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toContain('Content-Type: application/problem+json');
    expect(head).toContain('Connection: close');
    expect(ProblemSchema.parse(JSON.parse(body))).toMatchObject({ code: 'invalid_request', retryable: false });
  });

  it('with 20 kB of headers is a 431', async () => {
    const answer = await talk(post(`X-Long: ${'a'.repeat(20_000)}\r\nContent-Length: 15\r\n`, EVENT));
    expect(statuses(answer)).toEqual([431]);
    expect(answer).toContain('headers_too_large');
  });
});

describe('requests one behind the other', () => {
  it('are each answered once, in order, also behind one that is refused', async () => {
    const good = post('Content-Length: 15\r\n', EVENT);
    const stranger = `POST /v1/ingest HTTP/1.1\r\nHost: a\r\nContent-Length: 15\r\n\r\n${EVENT}`;
    expect(statuses(await talk(good + good + stranger + good))).toEqual([202, 202, 401, 202]);
    expect(front.tally.counters).toMatchObject({ accepted: 3 });
  });

  it('take a body for a body, whatever it looks like', async () => {
    const body = SMUGGLED;
    const answer = await talk(post(`Content-Length: ${body.length}\r\n`, body));
    expect(statuses(answer)).toEqual([202]);
    expect(front.tally.counters).toMatchObject({ accepted: 1 });
  });

  it('wait for no 100 Continue that is not due, and get the one that is', async () => {
    const answer = await talk(post('Expect: 100-continue\r\nContent-Length: 15\r\n', EVENT));
    expect(statuses(answer)).toEqual([100, 202]);
    expect(statuses(await talk(post('Expect: the moon\r\nContent-Length: 15\r\n', EVENT)))).toEqual([417]);
  });
});
