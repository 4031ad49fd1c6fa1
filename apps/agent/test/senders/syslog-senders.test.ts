import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Front, startFront } from '../front/front.ts';
import {
  findProgram,
  rsyslog,
  runs,
  type SenderProgram,
  SenderProgram as Program,
  shipperConfig,
} from './sender-programs.ts';
import { SENDER_EVENTS as EVENTS, SENDER_LIMIT_MS } from './sender-events.ts';

const RSYSLOGD = findProgram('rsyslogd', 'RSYSLOGD_PATH');
const SYSLOG_NG = findProgram('syslog-ng', 'SYSLOG_NG_PATH');
const LOGGER = findProgram('logger', 'LOGGER_PATH');
const LOCAL = '127.0.0.1:0';

const lines = Array.from({ length: EVENTS }, (_, n) => `order ${n} failed: pool exhausted after ${n % 97} ms`);

let dir: string;
let front: Front;
let sender: SenderProgram | undefined;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'syslog-'));
  front = await startFront({
    dir,
    now: Date.now,
    receive: { syslog: { tcp: { listen: LOCAL }, udp: { listen: LOCAL } }, relp: { listen: LOCAL } },
  });
});
afterEach(async () => {
  await sender?.stop();
  sender = undefined;
  await front.close();
  rmSync(dir, { recursive: true });
});

async function allArrive(least: number): Promise<void> {
  await expect
    .poll(() => front.tally.counters['accepted'], { timeout: SENDER_LIMIT_MS, interval: 50 })
    .toBeGreaterThanOrEqual(least);
}

const services = () => front.tally.sources.map(({ service }) => service);
const errors = () => front.tally.takeDelta().deltas.filter(({ level }) => level === 0).length;

describe.skipIf(RSYSLOGD === undefined)('rsyslog (skipped where rsyslogd is not installed)', () => {
  it(
    'sends by omfwd, framed by line feeds: nothing is lost',
    async () => {
      const config = shipperConfig('rsyslog-tcp.conf', front.listeners.addresses['syslog-tcp']);
      sender = rsyslog(RSYSLOGD!, config.replace('octet-counted', 'traditional'), lines);
      await allArrive(EVENTS);
      expect(front.tally.counters).toMatchObject({ accepted: EVENTS, unparsed: 0, clamped: 0 });
      expect(services()).toEqual(['checkout']);
      expect(errors()).toBeGreaterThan(0);
    },
    SENDER_LIMIT_MS + 30_000,
  );

  it(
    'sends by omfwd, octet-counted: nothing is lost',
    async () => {
      sender = rsyslog(RSYSLOGD!, shipperConfig('rsyslog-tcp.conf', front.listeners.addresses['syslog-tcp']), lines);
      await allArrive(EVENTS);
      expect(front.tally.counters).toMatchObject({ accepted: EVENTS, unparsed: 0, clamped: 0 });
    },
    SENDER_LIMIT_MS + 30_000,
  );

  it(
    'sends by omrelp, each message answered from the disk: nothing is lost',
    async () => {
      sender = rsyslog(RSYSLOGD!, shipperConfig('rsyslog-relp.conf', front.listeners.addresses['relp']), lines);
      await allArrive(EVENTS);
      expect(front.tally.counters).toMatchObject({ accepted: EVENTS, unparsed: 0 });
      expect(services()).toEqual(['checkout']);
    },
    SENDER_LIMIT_MS + 30_000,
  );

  it(
    'sends by omrelp across a restart of the receiver: every single line is in the journal',
    async () => {
      const listen = front.listeners.addresses['relp'];
      const half = EVENTS / 2;
      sender = rsyslog(RSYSLOGD!, shipperConfig('rsyslog-relp.conf', listen), lines.slice(0, half));
      await allArrive(1);
      await front.close();
      sender.append('app.log', `${lines.slice(half).join('\n')}\n`);
      front = await startFront({ dir, now: Date.now, receive: { relp: { listen } } });
      await expect
        .poll(async () => (await distinctOrders()).size, { timeout: SENDER_LIMIT_MS, interval: 200 })
        .toBe(EVENTS);
    },
    SENDER_LIMIT_MS + 30_000,
  );
});

/** Which of `lines` lie in the journal, however often. */
async function distinctOrders(): Promise<ReadonlySet<string>> {
  const orders = new Set<string>();
  for await (const { record } of front.journal.read(0)) {
    for (const [order] of Buffer.from(record.body)
      .toString('latin1')
      .matchAll(/order \d+ failed/g))
      orders.add(order);
  }
  return orders;
}

const syslogNgEnv = (program: string) => ({
  LD_LIBRARY_PATH: [
    join(dirname(dirname(program)), 'lib', 'x86_64-linux-gnu'),
    join(dirname(dirname(program)), 'lib', 'syslog-ng'),
    process.env['LD_LIBRARY_PATH'] ?? '',
  ].join(':'),
});

/** A syslog-ng that was unpacked instead of installed does not find its modules by itself. */
function modulePath(program: string): string[] {
  const versions = join(dirname(dirname(program)), 'lib', 'syslog-ng');
  if (!existsSync(versions)) return [];
  return readdirSync(versions)
    .map((version) => join(versions, version))
    .filter((folder) => existsSync(join(folder, 'libafsocket.so')))
    .map((folder) => `--module-path=${folder}`);
}

describe.skipIf(SYSLOG_NG === undefined || !runs(SYSLOG_NG, ['--version'], syslogNgEnv(SYSLOG_NG)))(
  'syslog-ng (skipped where it is not installed; SYSLOG_NG_PATH names it)',
  () => {
    it(
      'sends in its syslog() form: nothing is lost',
      async () => {
        sender = new Program(SYSLOG_NG!);
        const input = sender.write('app.log', `${lines.join('\n')}\n`);
        const destination = shipperConfig('syslog-ng.conf', front.listeners.addresses['syslog-tcp']).replace(
          '/var/lib/syslog-ng',
          sender.dir,
        );
        const source = `source s_src { file("${input}" flags(no-parse) program-override("checkout") follow-freq(0.1)); };`;
        const config = sender.write('syslog-ng.conf', `@version: 3.35\n${source}\n${destination}\n`);
        const files = ['persist', 'pid', 'ctl'].map(
          (name) => `--${{ persist: 'persist-file', pid: 'pidfile', ctl: 'control' }[name]}=${join(sender!.dir, name)}`,
        );
        sender.start(['-F', '-f', config, '--no-caps', ...modulePath(SYSLOG_NG!), ...files], syslogNgEnv(SYSLOG_NG!));
        await allArrive(EVENTS);
        expect(front.tally.counters).toMatchObject({ accepted: EVENTS, unparsed: 0 });
        expect(services()).toEqual(['checkout']);
      },
      SENDER_LIMIT_MS + 30_000,
    );
  },
);

const logger = (...args: string[]) => promisify(execFile)(LOGGER!, args, { timeout: 20_000 });

describe.skipIf(LOGGER === undefined)('logger (skipped where util-linux is not installed)', () => {
  it.each([
    ['RFC 5424 over TCP', 'syslog-tcp', ['--tcp', '--rfc5424']],
    ['RFC 3164 over TCP, octet-counted', 'syslog-tcp', ['--tcp', '--rfc3164', '--octet-count']],
    ['RFC 3164 over UDP', 'syslog-udp', ['--udp', '--rfc3164']],
  ])('sends %s', async (_, protocol, flags) => {
    const [host = '', port = ''] = front.listeners.addresses[protocol].split(':');
    for (let n = 0; n < 5; n++) {
      await logger(
        '--server',
        host,
        '--port',
        port,
        ...flags,
        '--tag',
        'backup',
        '--priority',
        'user.err',
        `disk ${n} is full`,
      );
    }
    await allArrive(5);
    expect(front.tally.counters).toMatchObject({ accepted: 5, unparsed: 0, clamped: 0 });
    expect(services()).toEqual(['backup']);
  });
});
