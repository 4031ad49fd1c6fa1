import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDataFolder } from './embedded/data-folder.ts';
import { isRunning } from './embedded/postmaster.ts';
import { isReachable, makeReachable } from './embedded/reachable.ts';
import { nativePackage, prepareRuntime } from './embedded/runtime.ts';
import { readPasswd, serverAccount } from './embedded/server-account.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
import { OtherProcess } from './testing/other-process.ts';
import { silentLog } from './testing/silent-log.ts';

const isRoot = process.getuid?.() === 0;
const account = serverAccount(process.getuid?.(), readPasswd());

let dataDir: string;
const running: EmbeddedPostgres[] = [];

const newFolder = async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sentinellog-pg-'));
};
const removeFolder = () => rm(dataDir, { recursive: true });
const stopServers = async () => {
  for (const server of running.splice(0)) await server.stop();
};

async function start(): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, log: silentLog });
  running.push(server);
  return server;
}

async function ask(server: EmbeddedPostgres, sql: string, password = server.address().password): Promise<unknown[]> {
  const client = new Client({ ...server.address(), password });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

describe('embedded database', () => {
  // One folder for all: making a database takes a second of processor time.
  beforeAll(newFolder);
  afterEach(stopServers);
  afterAll(removeFolder);

  it('lets in only those who know its password, from this machine', async () => {
    const server = await start();
    await expect(ask(server, 'SELECT 1', 'guess')).rejects.toThrow('password authentication failed');
    expect(await ask(server, "SELECT current_setting('listen_addresses')")).toEqual(['127.0.0.1']);
    expect((await stat(join(dataDir, 'postgres.password'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'postgres'))).mode & 0o777).toBe(0o700);
  });

  it('flushes every commit', async () => {
    const settings =
      "SELECT current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes')";
    expect(await ask(await start(), settings)).toEqual(['on', 'on', 'on']);
  });

  it.runIf(isRoot)('runs as a user without rights when the agent is root', async () => {
    const server = await start();
    const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
    expect(/^Uid:\s+(\d+)/m.exec(status)?.[1]).toBe(String(account?.uid));
  });

  it('ends the server that a killed agent left behind, and keeps its data', async () => {
    const script = new URL('testing/hold-embedded-postgres.ts', import.meta.url);
    const agent = await OtherProcess.start(script, dataDir);
    await agent.kill();
    const orphan = Number(agent.firstLine);
    expect(isRunning(orphan)).toBe(true);
    const server = await start();
    expect(isRunning(orphan)).toBe(false);
    await ask(server, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await server.stop();
    expect(await ask(await start(), 'SELECT answer FROM kept')).toEqual([42]);
  });

  it('starts over a postmaster.pid whose number now belongs to another program', async () => {
    await (await start()).stop();
    await writeFile(
      join(dataDir, 'postgres', 'postmaster.pid'),
      `${process.pid}\n${dataDir}/postgres\n1767229200\n5432\n`,
    );
    expect(await ask(await start(), 'SELECT 1')).toEqual([1]);
    expect(isRunning(process.pid)).toBe(true);
  });

  it('stops twice without complaint', async () => {
    const server = await start();
    await server.stop();
    await server.stop();
    expect(isRunning(server.pid)).toBe(false);
  });

  it('says what to do about a folder of another major version, and about a lost password', async () => {
    await (await start()).stop();
    const version = join(dataDir, 'postgres', 'PG_VERSION');
    const written = await readFile(version, 'utf8');
    await writeFile(version, '17\n');
    await expect(start()).rejects.toThrow('was written by PostgreSQL 17, this agent brings 18');
    await writeFile(version, written);
    const password = join(dataDir, 'postgres.password');
    await rename(password, `${password}.aside`);
    await expect(start()).rejects.toThrow('postgres.password is needed to open');
    await rename(`${password}.aside`, password);
  });
});

describe('data folder', () => {
  beforeEach(newFolder);
  afterEach(removeFolder);

  it('is made anew where the first start was interrupted', async () => {
    await mkdir(join(dataDir, 'postgres.new-0badc0ffee00', 'base'), { recursive: true });
    expect(await ask(await start(), 'SELECT 1')).toEqual([1]);
    await stopServers();
    expect((await readdir(dataDir)).toSorted()).toEqual(['postgres', 'postgres.password']);
  });

  it.runIf(isRoot)('lies outside a closed home, and is linked to from there', async () => {
    const outside = join(dataDir, 'var', 'lib');
    const home = join(dataDir, 'home');
    await mkdir(join(home, '.data'), { recursive: true });
    await chmod(dataDir, 0o711);
    await chmod(home, 0o700);
    // The checkout itself may lie under a closed home: then the programs are copied to where their user may go.
    const runtime = await prepareRuntime(account, [join(dataDir, 'var')], silentLog);
    const options = { dataDir: join(home, '.data'), outside, runtime, account, log: silentLog };
    const made = await openDataFolder(options);
    expect(made.path).toMatch(/\/var\/lib\/postgres-[0-9a-f]{12}$/);
    expect((await stat(made.path)).uid).toBe(account?.uid);
    expect((await stat(home)).mode & 0o777).toBe(0o700);
    expect(await openDataFolder(options)).toEqual(made);
  });

  it.runIf(isRoot)(
    'lies inside a closed folder of the agent itself, through which only its user may pass',
    async () => {
      await chmod(dataDir, 0o700);
      expect(await isReachable(dataDir, account)).toBe(false);
      expect(await makeReachable(dataDir, account)).toBe(true);
      const { mode, uid, gid } = await stat(dataDir);
      expect([mode & 0o777, uid, gid]).toEqual([0o710, 0, account?.gid]);
    },
  );

  it.runIf(isRoot)('opens no folder to it that others were let into, nor one above', async () => {
    const home = join(dataDir, 'home');
    await mkdir(join(home, '.data'), { recursive: true });
    await chmod(home, 0o700);
    await chmod(dataDir, 0o711);
    expect(await makeReachable(join(home, '.data'), account)).toBe(false);
    await chmod(home, 0o750);
    expect(await makeReachable(home, account)).toBe(false);
    expect(await isReachable(home, null)).toBe(true);
  });
});

describe('programs', () => {
  beforeEach(newFolder);
  afterEach(removeFolder);

  it('are copied with all their links when npm ran no install script', async () => {
    await chmod(dataDir, 0o711);
    const native = join(dataDir, 'native');
    const { folder, version } = await nativePackage();
    await cp(folder, native, { recursive: true, filter: async (path) => !/\/lib[^/]*\.so\.\d+$|\.so$/.test(path) });
    for (const file of ['libcrypto.so.1.1', 'libssl.so.1.1', 'libxml2.so.2', 'libz.so.1'])
      await cp(join(folder, 'lib', file), join(native, 'lib', file));
    const runtime = await prepareRuntime(account, [dataDir], silentLog, { folder: native, version });
    expect(runtime.postgres).toBe(join(dataDir, `postgres-runtime-${version}`, 'bin', 'postgres'));
  });
});

describe('user of the server', () => {
  const passwd =
    'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\npostgres:x:101:104::/:/bin/false\n';

  it('is the agent’s own unless that is root', () => {
    expect(serverAccount(1000, passwd)).toBeNull();
    expect(serverAccount(undefined, '')).toBeNull();
  });

  it('is, for root, the best of those that exist, and whoever owns the data already', () => {
    expect(serverAccount(0, passwd)).toEqual({ name: 'postgres', uid: 101, gid: 104 });
    expect(serverAccount(0, passwd, 65_534)).toEqual({ name: 'nobody', uid: 65_534, gid: 65_534 });
    expect(serverAccount(0, passwd, 4242)).toMatchObject({ name: 'postgres' });
    expect(serverAccount(0, `${passwd}sentinellog:x:999:999::/:\n`)).toMatchObject({ uid: 999 });
  });

  it('is asked for when there is none', () => {
    expect(() => serverAccount(0, 'root:x:0:0:root:/root:/bin/sh\n')).toThrow('useradd --system sentinellog');
  });
});
