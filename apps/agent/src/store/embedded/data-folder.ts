import { randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { StoreLog } from '../store-log.ts';
import { isReachable } from './reachable.ts';
import { runProgram } from './run-program.ts';
import type { Runtime } from './runtime.ts';
import type { ServerAccount } from './server-account.ts';

/** The first and only database user; its password is in `DIR/postgres.password`. */
export const SUPERUSER = 'sentinellog';

/** initdb takes 1 s here; a slow disk that syncs 40 MB may take much longer. */
const INITDB_LIMIT_MS = 120_000;

export interface DataFolder {
  /** Where the files are, with every link resolved. */
  readonly path: string;
  readonly password: string;
}

/** Owner of an existing data folder; undefined before the first start. */
export async function dataFolderOwner(dataDir: string): Promise<number | undefined> {
  return stat(join(dataDir, 'postgres')).then(
    ({ uid }) => uid,
    () => undefined,
  );
}

/**
 * `DIR/postgres`, made by initdb on the first start. Where the server's user cannot reach DIR (root under a closed
 * home), `DIR/postgres` is a link to a folder below `outside` instead, which shows in every listing of DIR.
 */
export async function openDataFolder(options: {
  readonly dataDir: string;
  readonly outside: string;
  readonly runtime: Runtime;
  readonly account: ServerAccount;
  readonly log: StoreLog;
}): Promise<DataFolder> {
  const { dataDir, outside, runtime, account, log } = options;
  const link = join(dataDir, 'postgres');
  const passwordFile = join(dataDir, 'postgres.password');
  if (await exists(join(link, 'PG_VERSION'))) {
    const path = await realpath(link);
    await checkVersion(path, runtime.major);
    return { path, password: await readPassword(passwordFile, link) };
  }
  const password = await makePassword(passwordFile);
  const home = (await isReachable(dataDir, account)) ? dataDir : await makeOutside(outside, account);
  const path = home === dataDir ? link : join(home, `postgres-${randomBytes(6).toString('hex')}`);
  log.info({ folder: path, user: account?.name }, 'creating the embedded database');
  await initialise(path, password, runtime, account);
  await removeInterrupted(path, log);
  if (path !== link) await point(link, path);
  return { path: await realpath(link), password };
}

/** Whole or not at all: a crash in the middle leaves a `.new-…` folder, whose initdb may still be writing to it. */
async function initialise(path: string, password: string, runtime: Runtime, account: ServerAccount): Promise<void> {
  const fresh = `${path}.new-${randomBytes(6).toString('hex')}`;
  const passwordCopy = `${fresh}.password`;
  await mkdir(fresh, { mode: 0o700 });
  await writeFile(passwordCopy, password, { mode: 0o600 });
  if (account !== null) for (const made of [fresh, passwordCopy]) await chown(made, account.uid, account.gid);
  const args = ['-D', fresh, '-U', SUPERUSER, `--pwfile=${passwordCopy}`];
  // One locale for every machine, so that sorting and indexes do not change with a system library.
  const locale = ['-E', 'UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
  const login = ['--auth-local=scram-sha-256', '--auth-host=scram-sha-256'];
  try {
    await runProgram(runtime.initdb, [...args, ...locale, ...login, '--data-checksums'], account, INITDB_LIMIT_MS);
  } finally {
    await rm(passwordCopy, { force: true });
  }
  await rename(fresh, path);
}

/** After our own is in place, by when an initdb that outlived its agent has most likely ended. */
async function removeInterrupted(path: string, log: StoreLog): Promise<void> {
  const names = await readdir(dirname(path));
  for (const name of names.filter((one) => one.startsWith(`${basename(path)}.new-`))) {
    const stale = join(dirname(path), name);
    await rm(stale, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }).catch((error: unknown) =>
      log.warn({ err: error, folder: stale }, 'a database folder that was never finished can be removed by hand'),
    );
  }
}

async function checkVersion(path: string, major: string): Promise<void> {
  const found = (await readFile(join(path, 'PG_VERSION'), 'utf8')).trim();
  if (found === major) return;
  throw new Error(
    `${path} was written by PostgreSQL ${found}, this agent brings ${major}; ` +
      `start the agent version that wrote it, or move it with pg_dump of ${found} to a server and set DATABASE_URL`,
  );
}

async function readPassword(file: string, folder: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new Error(
      `${file} is needed to open ${folder}; bring it back from a backup, or move ${basename(folder)} away to start empty`,
      { cause: error },
    );
  }
}

/** Made before the database is: the other order could end with a database that nobody can open. */
async function makePassword(file: string): Promise<string> {
  if (!(await exists(file))) {
    const partial = `${file}.new`;
    await writeFile(partial, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
    await rename(partial, file);
  }
  return (await readFile(file, 'utf8')).trim();
}

/** Below /var/lib and not /var/tmp: what cleans up temporary folders would eat database files that are seldom read. */
async function makeOutside(outside: string, account: ServerAccount): Promise<string> {
  const hint = 'choose a --data-dir outside a closed home, or set DATABASE_URL';
  try {
    const made = await mkdir(outside, { recursive: true });
    // Whatever the umask says.
    if (made !== undefined) await chmod(outside, 0o755);
  } catch (error) {
    throw new Error(`${outside}, for the database of a user other than root, cannot be made; ${hint}`, {
      cause: error,
    });
  }
  if (await isReachable(outside, account)) return outside;
  throw new Error(`${account?.name}, who is to run the database, can reach neither DIR nor ${outside}; ${hint}`);
}

async function point(link: string, path: string): Promise<void> {
  const stale = await lstat(link).catch(() => undefined);
  // A link without a database behind it: what it pointed to was removed by hand.
  if (stale?.isSymbolicLink()) await rm(link);
  await symlink(path, link, process.platform === 'win32' ? 'junction' : 'dir');
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
