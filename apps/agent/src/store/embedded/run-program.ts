import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ServerAccount } from './server-account.ts';

const run = promisify(execFile);

/** What a PostgreSQL program gets to see: never the agent's own variables, which may hold a database URL or a token. */
export function programEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const kept = ['PATH', 'SystemRoot', 'TEMP', 'TMP'].filter((name) => env[name] !== undefined);
  return { ...Object.fromEntries(kept.map((name) => [name, env[name]])), LC_ALL: 'C', TZ: 'UTC' };
}

export function asAccount(account: ServerAccount): { uid?: number; gid?: number } {
  return account === null ? {} : { uid: account.uid, gid: account.gid };
}

/** Runs a short program to its end; rejects with what it wrote to stderr. */
export async function runProgram(
  program: string,
  args: readonly string[],
  account: ServerAccount,
  limitMs: number,
): Promise<void> {
  await run(program, args, {
    ...asAccount(account),
    // Not the agent's own folder, which the account may not be allowed to stand in.
    cwd: process.platform === 'win32' ? undefined : '/',
    env: programEnvironment(),
    timeout: limitMs,
    killSignal: 'SIGKILL',
    windowsHide: true,
  });
}
