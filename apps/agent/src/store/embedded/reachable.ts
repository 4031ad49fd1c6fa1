import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ServerAccount } from './server-account.ts';

/** Whether every folder from the root down to `folder` lets the account pass (its x bit), as in a home of mode 0700 it does not. */
export async function isReachable(folder: string, account: ServerAccount): Promise<boolean> {
  if (account === null) return true;
  const { mode, uid, gid } = await stat(folder);
  const pass = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
  if ((mode & pass) === 0) return false;
  const parent = dirname(folder);
  return parent === folder || isReachable(parent, account);
}
