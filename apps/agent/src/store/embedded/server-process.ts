import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { StoreLog } from '../store-log.ts';
import { type DataFolder, SUPERUSER } from './data-folder.ts';
import { stopLeftover, stopServer } from './postmaster.ts';
import { asAccount, programEnvironment } from './run-program.ts';
import type { Runtime } from './runtime.ts';
import type { ServerAccount } from './server-account.ts';

export const DATABASE = 'sentinellog';

/** Crash recovery comes before the first answer: 256 MB of WAL at most (`max_wal_size`), on a slow disk. */
const READY_LIMIT_MS = 120_000;
const READY_POLL_MS = 25;
const KEPT_LINES = 20;
const PIPE_GRACE_MS = 50;

/**
 * Small, because it shares the machine with the agent; safe, because a checkpoint that was answered must survive a
 * power cut (fsync and synchronous_commit stay on). Only TCP on loopback: sockets have a path limit of 107 bytes and
 * do not exist everywhere.
 */
const SETTINGS: Readonly<Record<string, string | number>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 25,
  shared_buffers: '32MB',
  max_wal_size: '256MB',
  wal_level: 'minimal',
  max_wal_senders: 0,
  fsync: 'on',
  synchronous_commit: 'on',
  // The same rows change every two seconds; what they were must not pile up.
  autovacuum_naptime: '10s',
  autovacuum_vacuum_cost_delay: '1ms',
  // Our queries are short; workers would only take the other core from the agent.
  max_parallel_workers_per_gather: 0,
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
};

/** One run of the server, from start to exit. */
export interface ServerProcess {
  readonly pid: number;
  readonly port: number;
  /** Resolves with its last words when it has ended, for whatever reason. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts the server and waits until it answers. The agent's death does not end it: the next start does (postmaster.ts).
 *
 * @param port the port of the run before, so that connections find it again; another one is taken if it is in use
 */
export async function startServer(
  {
    runtime,
    folder,
    account,
    log,
  }: {
    readonly runtime: Runtime;
    readonly folder: DataFolder;
    readonly account: ServerAccount;
    readonly log: StoreLog;
  },
  port?: number,
): Promise<ServerProcess> {
  await stopLeftover(folder.path, log);
  const chosen = await freePort(port);
  const settings = Object.entries({ ...SETTINGS, port: chosen }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(runtime.postgres, ['-D', folder.path, ...settings], {
    ...asAccount(account),
    cwd: process.platform === 'win32' ? undefined : '/',
    env: programEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
    // Ctrl-C in a terminal goes to the whole process group; the database must outlive the agent's last checkpoint.
    detached: true,
    windowsHide: true,
  });
  const ended = lastWords(child, log);
  const { pid } = child;
  if (pid === undefined) throw new Error(`the database server could not be started: ${await ended}`);
  const server = {
    pid,
    port: chosen,
    ended,
    stop: () =>
      stopServer(pid)
        .then(() => ended)
        .then(() => undefined),
  };
  try {
    await untilReady(server, folder.password);
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function untilReady({ port, ended }: ServerProcess, password: string): Promise<void> {
  const end = ended.then((words) => ({ type: 'ended' as const, words }));
  for (let waitedMs = 0; waitedMs < READY_LIMIT_MS; waitedMs += READY_POLL_MS) {
    const step = await Promise.race([end, tryToConnect(port, password)]);
    switch (step.type) {
      case 'ready':
        return;
      case 'ended':
        throw new Error(`the database server ended while it started: ${step.words}`);
      case 'refused':
        throw new Error('the database server does not take its own password; DIR/postgres.password was changed', {
          cause: step.cause,
        });
      case 'not yet':
        await sleep(READY_POLL_MS);
    }
  }
  throw new Error(`the database server did not answer within ${READY_LIMIT_MS / 1000} s`);
}

type Step =
  | { readonly type: 'ready' }
  | { readonly type: 'not yet' }
  | { readonly type: 'ended'; readonly words: string }
  | { readonly type: 'refused'; readonly cause: unknown };

/** The first connection also makes our database; `template1` is always there. */
async function tryToConnect(port: number, password: string): Promise<Step> {
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: SUPERUSER,
    password,
    database: 'template1',
    connectionTimeoutMillis: 3000,
    query_timeout: 10_000,
  });
  // A server that ends under an idle connection is seen through `ended`.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE} TEMPLATE template0`);
    return { type: 'ready' };
  } catch (error) {
    const wrongPassword = error instanceof Error && 'code' in error && error.code === '28P01';
    return wrongPassword ? { type: 'refused', cause: error } : { type: 'not yet' };
  } finally {
    await client.end();
  }
}

/** Passes the server's own log on, and keeps the end of it for the one line that says why it ended. */
function lastWords(child: ChildProcess, log: StoreLog): Promise<string> {
  const lines: string[] = [];
  let rest = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = (parts.pop() ?? '').slice(-10_000);
    for (const line of parts) log.debug({ line }, 'postgres');
    lines.push(...parts);
    lines.splice(0, lines.length - KEPT_LINES);
  });
  return new Promise((done) => {
    child.once('error', (error) => done(error.message));
    child.once('exit', (code, signal) => {
      // What it wrote last may still be in the pipe, which its backends can hold open for longer.
      setTimeout(() => {
        const fault = lines.findLast((line) => /FATAL|PANIC|ERROR/.test(line)) ?? lines.at(-1) ?? 'it said nothing';
        done(`${signal ?? `exit code ${code}`}: ${fault}`);
      }, PIPE_GRACE_MS);
    });
  });
}

/** Taken and let go again: another program may be quicker, in which case the server ends and is started anew. */
async function freePort(wanted = 0): Promise<number> {
  const probe = createServer();
  const port = await new Promise<number>((done, fail) => {
    probe.once('error', (error) => (wanted === 0 ? fail(error) : done(0)));
    probe.listen(wanted, '127.0.0.1', () => {
      const address = probe.address();
      done(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  await new Promise((closed) => {
    probe.close(closed);
  });
  return port === 0 ? freePort() : port;
}
