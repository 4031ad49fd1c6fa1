/** The real agent as a child process, as a person starts it, on a data folder that goes away afterwards. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { TestInfo } from '@playwright/test';

const MAIN = fileURLToPath(new URL('../../apps/agent/src/main.ts', import.meta.url));
/** The first start also creates the embedded database. */
const READY_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 20_000;

export interface RunningAgent {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly dataDir: string;
  readonly adminToken: string;
  readonly ingestKey: string;
  /** Everything that it said on stderr so far. */
  log(): string;
  /** Ends it as an orchestrator does, and waits. Safe to call twice. */
  stop(): Promise<void>;
  /** Ends it as a power cut does. */
  kill(): Promise<void>;
  /** Starts it again on the same data and address. */
  restart(): Promise<RunningAgent>;
  /** Stops it and removes its data. */
  remove(): Promise<void>;
}

/**
 * @param settings environment variables of the agent's configuration
 * @param options more options of the start command
 */
export async function startAgent(
  settings: Readonly<Record<string, string>> = {},
  options: readonly string[] = [],
): Promise<RunningAgent> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sentinellog-e2e-'));
  // As root the database runs as another user, who has to be able to enter.
  chmodSync(dataDir, 0o755);
  return startOn(dataDir, '127.0.0.1:0', settings, options);
}

/** What the agent said belongs to the report of a test that failed. */
export async function attachLogOnFailure(info: TestInfo, agent: RunningAgent): Promise<void> {
  if (info.status === info.expectedStatus) return;
  await info.attach('agent.log', { body: agent.log(), contentType: 'text/plain' });
}

async function startOn(
  dataDir: string,
  listen: string,
  settings: Readonly<Record<string, string>>,
  options: readonly string[],
): Promise<RunningAgent> {
  const child = spawn(process.execPath, [MAIN, 'start', '--data-dir', dataDir, '--listen', listen, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, SENTINELLOG_LOG_LEVEL: 'info', ...settings },
  });
  // A test run that is cut short must not leave its agent, and the agent its database, behind.
  const endWithUs = (): void => void child.kill('SIGTERM');
  process.once('exit', endWithUs);
  child.once('exit', () => process.off('exit', endWithUs));
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    log = (log + piece).slice(-200_000);
  });
  const url = await readyUrl(child, () => log);
  let wanted = false;
  child.once('exit', (code, signal) => {
    if (!wanted) process.stderr.write(`the agent ended by itself (${signal ?? code}):\n${log.slice(-4000)}\n`);
  });
  const end = (how: NodeJS.Signals): Promise<void> => {
    wanted = true;
    return endChild(child, how);
  };
  const credentials = JSON.parse(readFileSync(join(dataDir, 'credentials.json'), 'utf8')) as Record<string, string>;
  const agent: RunningAgent = {
    url,
    dataDir,
    adminToken: credentials['adminToken'] ?? '',
    ingestKey: credentials['ingestKey'] ?? '',
    log: () => log,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    restart: () => startOn(dataDir, new URL(url).host, settings, options),
    async remove() {
      await end('SIGTERM');
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return agent;
}

async function readyUrl(child: ChildProcess & { stdout: NodeJS.ReadableStream }, log: () => string): Promise<string> {
  const abort = new AbortController();
  const failed = async (why: Promise<string>): Promise<never> => {
    const reason = await why;
    child.kill('SIGKILL');
    throw new Error(`The agent ${reason}:\n${log().slice(-4000)}`);
  };
  try {
    return await Promise.race([
      readReadyLine(child.stdout),
      failed(once(child, 'exit', { signal: abort.signal }).then(([code]) => `ended with ${String(code)}`)),
      failed(limit(READY_LIMIT_MS, abort.signal).then(() => `was not ready within ${READY_LIMIT_MS / 1000} s`)),
    ]);
  } finally {
    abort.abort();
  }
}

async function readReadyLine(stdout: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stdout })) {
    const message = JSON.parse(line) as { event?: string; url?: string };
    if (message.event === 'agent.ready' && message.url !== undefined) return message.url;
  }
  return new Promise(() => undefined);
}

/** Never resolves once `signal` has aborted: the race is over. */
function limit(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => clearTimeout(timer));
  });
}

async function endChild(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  const tooLong = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await exited;
  clearTimeout(tooLong);
}
