import { readFileSync } from 'node:fs';

/** The user that PostgreSQL runs as; null: the agent's own. */
export type ServerAccount = { readonly name: string; readonly uid: number; readonly gid: number } | null;

/** In order of preference. `nobody` is on every system, but shares its rights with other services. */
const UNPRIVILEGED = ['sentinellog', 'postgres', 'nobody'];

/**
 * PostgreSQL refuses to run as root, and initdb wants a user with a name (`could not look up effective user ID`), so
 * that a bare unused number is not enough. No user is created: that is the system owner's decision.
 *
 * @param passwd the text of /etc/passwd
 * @param ownerUid the owner of an existing data folder, who stays its owner; undefined before the first start
 */
export function serverAccount(agentUid: number | undefined, passwd: string, ownerUid?: number): ServerAccount {
  if (agentUid !== 0) return null;
  const accounts = passwd.split('\n').flatMap((line) => {
    const [name = '', , uid = '', gid = ''] = line.split(':');
    return /^\d+$/.test(uid) && /^\d+$/.test(gid) ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
  const owner = accounts.find(({ uid }) => uid === ownerUid && uid !== 0);
  const account = owner ?? UNPRIVILEGED.map((name) => accounts.find((one) => one.name === name)).find(Boolean);
  if (account) return account;
  throw new Error(
    `PostgreSQL does not run as root, and none of the users ${UNPRIVILEGED.join(', ')} exists; ` +
      'create one (useradd --system sentinellog), run the agent as an ordinary user, or set DATABASE_URL',
  );
}

export function readPasswd(): string {
  return process.platform === 'win32' ? '' : readFileSync('/etc/passwd', 'utf8');
}
