import { chmod, chown, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ServerAccount } from './server-account.ts';

/** Whether every folder from the root down to `folder` lets the account pass; a home of mode 0700 does not. */
export async function isReachable(folder: string, account: ServerAccount): Promise<boolean> {
  return account === null || lets(account, await realpath(folder));
}

/**
 * Lets the account pass through the agent's own folder (mode 0710, its group) where only that folder's mode is in the
 * way, and says whether it can be reached now. Nobody else gains or loses anything; folders above are never touched.
 */
export async function makeReachable(folder: string, account: ServerAccount): Promise<boolean> {
  if (await isReachable(folder, account)) return true;
  const path = await realpath(folder);
  const { mode, uid } = await stat(path);
  const isPrivate = (mode & 0o077) === 0 && uid === process.getuid?.();
  if (account === null || !isPrivate || !(await lets(account, dirname(path)))) return false;
  await chown(path, uid, account.gid);
  await chmod(path, 0o710);
  return true;
}

async function lets(account: NonNullable<ServerAccount>, folder: string): Promise<boolean> {
  const { mode, uid, gid } = await stat(folder);
  const othersOrGroup = gid === account.gid ? 0o010 : 0o001;
  const pass = uid === account.uid ? 0o100 : othersOrGroup;
  if ((mode & pass) === 0) return false;
  const parent = dirname(folder);
  return parent === folder || lets(account, parent);
}
