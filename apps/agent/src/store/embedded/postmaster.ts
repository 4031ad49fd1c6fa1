import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { StoreLog } from '../store-log.ts';

const run = promisify(execFile);

/** Fast shutdown writes a checkpoint; with 32 MB of shared buffers that is well under a second on a working disk. */
const FAST_LIMIT_MS = 5000;
/** The server itself kills children that do not end within 5 s of an immediate shutdown. */
const IMMEDIATE_LIMIT_MS = 7000;
const KILL_LIMIT_MS = 2000;
const POLL_MS = 20;

/**
 * Ends the server that a killed agent left behind on this data folder, if there is one. It is stopped and not adopted,
 * so that a start always ends with the server, the settings and the binaries of this version.
 */
export async function stopLeftover(dataFolder: string, log: StoreLog): Promise<void> {
  const pidFile = join(dataFolder, 'postmaster.pid');
  const text = await readFile(pidFile, 'utf8').catch(() => undefined);
  const pid = text === undefined ? Number.NaN : Number.parseInt(text, 10);
  if (!isRunning(pid)) return;
  if (await isServerOf(pid, dataFolder)) {
    log.warn({ pid, dataFolder }, 'stopping the database server that a killed agent left behind');
    await stopServer(pid);
    // Left there by a server that had to be killed; a zombie of that number would pass for it.
    if (!isRunning(pid)) await rm(pidFile, { force: true });
    return;
  }
  // The number went to another program, which PostgreSQL would take for a running server and refuse to start.
  log.warn({ pid, pidFile }, 'removing a stale postmaster.pid: its process is another program');
  await rm(pidFile);
}

/** Fast shutdown, then immediate, then kill: committed data survives all three. Resolves when the process is gone. */
export async function stopServer(pid: number): Promise<void> {
  signal(pid, 'SIGINT');
  if (await isGone(pid, FAST_LIMIT_MS)) return;
  // A server that was frozen (SIGSTOP) sees no signal until it may run again.
  if (process.platform !== 'win32') signal(pid, 'SIGCONT');
  signal(pid, 'SIGQUIT');
  if (await isGone(pid, IMMEDIATE_LIMIT_MS)) return;
  signal(pid, 'SIGKILL');
  await isGone(pid, KILL_LIMIT_MS);
}

async function isGone(pid: number, limitMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += POLL_MS) {
    if (!isRunning(pid)) return true;
    await sleep(POLL_MS);
  }
  return !isRunning(pid);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // Gone between the look and the signal: what was wanted.
    if (!isNoSuchProcess(error)) throw error;
  }
}

/** Whether a process with this id still does anything. */
export function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return !isNoSuchProcess(error);
  }
  return !isZombie(pid);
}

/** Ended, but its adoptive parent has not asked for the exit code yet; in some containers that takes a second or for ever. */
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    // The state follows the command's name, which is in parentheses and may hold any character.
    return /^.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

function isNoSuchProcess(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ESRCH';
}

/** By its command line, which we wrote: `…/postgres -D <data folder> …`. */
async function isServerOf(pid: number, dataFolder: string): Promise<boolean> {
  const command = await commandLine(pid);
  return command.includes(dataFolder) || (process.platform === 'win32' && /^"?postgres/i.test(basename(command)));
}

async function commandLine(pid: number): Promise<string> {
  // Empty for a process that has ended but was not yet waited for.
  if (process.platform === 'linux')
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
  const [program, ...args] =
    process.platform === 'win32'
      ? ['tasklist', '/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH']
      : ['ps', '-o', 'command=', '-p', String(pid)];
  const { stdout } = await run(program, args, { timeout: 3000, windowsHide: true }).catch(() => ({ stdout: '' }));
  return stdout.trim();
}
