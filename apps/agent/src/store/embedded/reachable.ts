import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ServerAccount } from './server-account.ts';

/** Whether every folder from the root down to `folder` lets the account pass; a home of mode 0700 does not. */
export async function isReachable(folder: string, account: ServerAccount): Promise<boolean> {
  return account === null || lets(account, await realpath(folder));
}

async function lets(account: NonNullable<ServerAccount>, folder: string): Promise<boolean> {
  const { mode, uid, gid } = await stat(folder);
  const othersOrGroup = gid === account.gid ? 0o010 : 0o001;
  const pass = uid === account.uid ? 0o100 : othersOrGroup;
  if ((mode & pass) === 0) return false;
  const parent = dirname(folder);
  return parent === folder || lets(account, parent);
}
