/** Reliability A7: a thousand connections that trickle, and one sender who means well. */
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentProcess } from '../acceptance/agent-process.ts';

const SLOW = 1000;
/** Headers are given 10 s, bodies 10 s at a kilobyte a second; a second more for whoever looks. */
const CUT_WITHIN_MS = 20_000;

const agent = new AgentProcess();
const sockets: net.Socket[] = [];
beforeAll(() => agent.start());
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await agent.remove();
});

/** Resolves when the agent has cut it off. @param trickle what is sent, byte by byte, once a second */
function slowClient(start: string, trickle: string): Promise<void> {
  const socket = net.connect(Number(new URL(agent.url).port), '127.0.0.1');
  sockets.push(socket);
  let sent = 0;
  socket.write(start);
  const drip = setInterval(() => socket.write(trickle[sent++ % trickle.length] ?? ''), 1000);
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(drip);
      resolve();
    });
  });
}

describe(`${SLOW} slow connections`, () => {
  it('are cut off in time, and a good sender never notices', async () => {
    const key = agent.credentials.ingestKey;
    const slow = { left: SLOW };
    const since = performance.now();
    const cut = Promise.all(
      Array.from({ length: SLOW }, async (_, number) => {
        const head = `POST /v1/ingest HTTP/1.1\r\nHost: a\r\nX-Sentinel-Key: ${key}\r\n`;
        if (number % 2 === 0) await slowClient(head, 'X-A: a\r\n');
        else await slowClient(`${head}Content-Length: 100000\r\n\r\n`, '{"message":"m"}');
        slow.left--;
      }),
    );
    const statuses = new Map<number, number>();
    while (slow.left > 0 && performance.now() - since < CUT_WITHIN_MS + 10_000) {
      const response = await agent.ingest('{"service":"good","message":"m"}');
      await response.arrayBuffer();
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await cut;
    const tookMs = performance.now() - since;
    process.stderr.write(`slow clients: all cut after ${Math.round(tookMs)} ms, good sender ${[...statuses].join()}\n`);
    expect([...statuses.keys()]).toEqual([202]);
  }, 60_000);
});
