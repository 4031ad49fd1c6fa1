import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Front, startFront } from './front.ts';

let dir: string;
let logs: string;
let front: Front | undefined;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tails-'));
  logs = join(dir, 'logs');
  mkdirSync(logs);
});
afterEach(async () => {
  await front?.close();
  front = undefined;
  rmSync(dir, { recursive: true });
});

const open = async (): Promise<Front> => {
  front = await startFront({
    dir: join(dir, 'data'),
    now: Date.now,
    receive: { files: [{ glob: join(logs, '*.log') }], pods: { dir: join(dir, 'pods') } },
  });
  return front;
};
const line = (n: number) => `${new Date(Date.now() - 5000 + n).toISOString()} ERROR order ${n} failed\n`;
const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => line(from + n)).join('');
const counted = (events: number) =>
  expect.poll(() => front!.tally.counters['accepted'], { timeout: 15_000, interval: 50 }).toBe(events);

describe('files', () => {
  it('are read from where they were left, across a restart', async () => {
    const file = join(logs, 'checkout.log');
    writeFileSync(file, lines(0, 100));
    await open();
    await counted(100);
    await front!.close();
    appendFileSync(file, lines(100, 150));
    await open();
    await counted(150);
    expect(front!.tally.sources.map(({ service }) => service)).toEqual(['checkout']);
    expect(front!.tally.counters).toMatchObject({ unparsed: 0 });
  });

  it('lose and double nothing when the positions on disk are older than the journal', async () => {
    const file = join(logs, 'checkout.log');
    const positions = join(dir, 'data', 'positions.json');
    writeFileSync(file, lines(0, 100));
    await open();
    await counted(100);
    const before = readFileSync(positions, 'utf8');
    appendFileSync(file, lines(100, 300));
    await counted(300);
    await front!.close();
    // As after kill -9: the batch is in the journal, the book does not know it.
    writeFileSync(positions, before);
    appendFileSync(file, lines(300, 310));
    await open();
    await counted(310);
  });

  it('are followed when they are renamed, and the new one is read too', async () => {
    const file = join(logs, 'checkout.log');
    writeFileSync(file, lines(0, 10));
    await open();
    await counted(10);
    renameSync(file, `${file}.1`);
    appendFileSync(`${file}.1`, lines(10, 15));
    writeFileSync(file, lines(15, 40));
    await counted(40);
  });

  it('are found under their new name when they were renamed while nobody looked', async () => {
    const file = join(logs, 'checkout.log');
    writeFileSync(file, lines(0, 10));
    await open();
    await counted(10);
    await front!.close();
    appendFileSync(file, lines(10, 15));
    renameSync(file, `${file}.1`);
    writeFileSync(file, lines(15, 40));
    await open();
    await counted(40);
  });

  it('are begun anew when they are emptied, and their copy is not read again', async () => {
    const file = join(logs, 'checkout.log');
    writeFileSync(file, lines(0, 20));
    await open();
    await counted(20);
    copyFileSync(file, join(logs, 'checkout-1.log'));
    truncateSync(file);
    appendFileSync(file, lines(20, 30));
    await counted(30);
  });

  it('keep a stack trace in one event, also when it comes in pieces', async () => {
    const file = join(logs, 'shop.log');
    writeFileSync(file, `${line(0)}java.lang.IllegalStateException: pool exhausted\n`);
    await open();
    appendFileSync(file, '\tat com.shop.Orders.place(Orders.java:17)\n');
    appendFileSync(
      file,
      'Caused by: java.net.ConnectException: refused\n\tat java.net.Socket.connect(Socket.java:1)\n',
    );
    appendFileSync(file, line(1));
    // The exception's first line has no time: it is an event of its own.
    await counted(3);
    expect(front!.tally.counters).toMatchObject({ unparsed: 1 });
  });

  it('may hold a line that is longer than a batch: its beginning is kept', async () => {
    const file = join(logs, 'dump.log');
    writeFileSync(file, `${line(0)}${line(1).trim()} ${'x'.repeat(3_000_000)}\n${line(2)}`);
    await open();
    await counted(3);
    expect(front!.listeners.counts).toMatchObject({ line_truncated: 1 });
  });
});

describe('logs of Kubernetes pods', () => {
  it('are stripped of their CRI prefix, joined, and named after their workload', async () => {
    const folder = join(dir, 'pods', 'shop_checkout-5d8f7c9b6d-x2x9z_8f1c', 'app');
    mkdirSync(folder, { recursive: true });
    const at = new Date(Date.now() - 5000).toISOString().replace('Z', '123456Z');
    writeFileSync(
      join(folder, '0.log'),
      [
        `${at} stdout F {"level":"error","msg":"pool exhausted"}`,
        `${at} stderr P panic: a very long line that `,
        `${at} stderr F was cut by the runtime`,
        `${at} stderr F     at main.go:17`,
        `${at} stdout F level=info msg="order paid"`,
        '',
      ].join('\n'),
    );
    await open();
    await counted(3);
    expect(front!.tally.sources.map(({ service }) => service)).toEqual(['shop/checkout/app']);
    expect(front!.tally.counters).toMatchObject({ clamped: 0, unparsed: 1 });
  });
});
