import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import { silentLog } from '../../src/store/testing/silent-log.ts';

export interface TestDatabase {
  readonly url: string;
  close(): Promise<void>;
}

/** A PostgreSQL of its own, gone with `close`. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sentinellog-notify-'));
  const server = await startEmbeddedPostgres({ dataDir, log: silentLog });
  const { user, password, database, port } = server.address();
  return {
    url: `postgresql://${user}:${password}@127.0.0.1:${port}/${database}`,
    close: async () => {
      await server.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}
