import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProgram, rsyslog, type SenderProgram, shipperConfig } from '../senders/sender-programs.ts';
import { AgentProcess, eventually } from './agent-process.ts';

const RSYSLOGD = findProgram('rsyslogd', 'RSYSLOGD_PATH');
const EVENTS = Number(process.env['SENTINELLOG_SENDER_EVENTS'] ?? 2000);
const DOWN_MS = Number(process.env['SENTINELLOG_SENDER_DOWN_MS'] ?? 2000);

let agent: AgentProcess;
let files: string;
let sender: SenderProgram | undefined;
beforeEach(() => {
  agent = new AgentProcess();
  files = mkdtempSync(join(tmpdir(), 'ports-'));
});
afterEach(async () => {
  await sender?.stop();
  sender = undefined;
  await agent.remove();
  rmSync(files, { recursive: true, force: true });
});

async function accepted(): Promise<number> {
  const status = (await agent.get('/v1/agent')) as { health: { accepted_total: number } };
  return status.health.accepted_total;
}

const arrive = (events: number) =>
  eventually(`${events} events`, 60_000, async () => ((await accepted()) >= events ? true : undefined));

/** A port that is free now: a restarted agent must come back where its senders look for it. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

describe('an agent with ports besides HTTP', () => {
  it('names them when it is ready, takes syslog and files, and shows what it refused', async () => {
    const log = join(files, 'shop.log');
    writeFileSync(log, Array.from({ length: 50 }, (_, n) => `level=error msg="order ${n} failed"\n`).join(''));
    const config = join(files, 'agent.yaml');
    writeFileSync(
      config,
      'receive: { syslog: { tcp: { listen: "127.0.0.1:0" } } }\nparsing: { schema: { required: [level] } }\n',
    );
    await agent.start('--config', config, '--tail', log);
    const address = agent.listeners['syslog-tcp'];
    const socket = connect(Number(address.split(':')[1]), '127.0.0.1');
    await once(socket, 'connect');
    socket.end('<11>1 - web-1 backup - - - disk is full\n');
    await arrive(51);
    expect((await agent.ingest('{"service":"cart","message":"x"}\n')).status).toBe(400);
    const letters = await eventually('a dead letter', 10_000, async () => {
      const page = (await agent.get('/v1/dead-letters')) as { dead_letters: unknown[] };
      return page.dead_letters.length > 0 ? page.dead_letters : undefined;
    });
    expect(letters).toMatchObject([
      { code: 'schema_violation', detail: 'the field "level" is missing', event: '{"service":"cart","message":"x"}' },
    ]);
  }, 60_000);

  it('takes the lines of files that the CLI sends', async () => {
    await agent.start();
    const log = join(files, 'shop.log');
    writeFileSync(log, '2026-01-05 08:00:00 ERROR pool exhausted\n\tat Orders.java:17\nlevel=info msg=ok\n');
    const [code] = (await once(agent.run('ingest', log, '--service', 'shop', '--data-dir', agent.dataDir), 'exit')) as [
      number,
    ];
    expect(code).toBe(0);
    await arrive(2);
  }, 60_000);

  it('takes lines from a pipe', async () => {
    await agent.start('--stdin', 'checkout');
    agent.stdin!.write('2026-01-05 08:00:00 ERROR pool exhausted\n\tat Orders.java:17\n');
    agent.stdin!.write('2026-01-05 08:00:01 INFO back again\n');
    await arrive(2);
  }, 60_000);

  it.skipIf(RSYSLOGD === undefined)(
    'loses nothing of omrelp when it is killed and comes back (skipped where rsyslogd is not installed)',
    async () => {
      const listen = `127.0.0.1:${await freePort()}`;
      const config = join(files, 'agent.yaml');
      writeFileSync(config, `receive: { relp: { listen: "${listen}" } }\n`);
      await agent.start('--config', config);
      const lines = Array.from({ length: EVENTS }, (_, n) => `order ${n} failed`);
      sender = rsyslog(RSYSLOGD!, shipperConfig('rsyslog-relp.conf', listen), lines.slice(0, EVENTS / 2));
      await arrive(1);
      await agent.kill9();
      sender.append('app.log', `${lines.slice(EVENTS / 2).join('\n')}\n`);
      await new Promise((resolve) => {
        setTimeout(resolve, DOWN_MS);
      });
      await agent.start('--config', config);
      // A message whose answer was lost in the fall comes twice: RELP promises at least once.
      await arrive(EVENTS);
    },
    120_000,
  );
});
