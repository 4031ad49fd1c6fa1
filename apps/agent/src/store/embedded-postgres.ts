import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { dataFolderOwner, openDataFolder, SUPERUSER } from './embedded/data-folder.ts';
import { prepareRuntime } from './embedded/runtime.ts';
import { makeReachable } from './embedded/reachable.ts';
import { DATABASE, type ServerProcess, startServer } from './embedded/server-process.ts';
import { readPasswd, serverAccount } from './embedded/server-account.ts';
import type { StoreLog } from './store-log.ts';

/** Where root keeps what its own folders would hide from PostgreSQL's user. */
const SYSTEM_FOLDER = '/var/lib/sentinellog';

const RESTART_MIN_MS = 100;
const RESTART_MAX_MS = 5000;

/** How to reach the server now; the port changes when another program took it while the server was down. */
interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export interface EmbeddedPostgres {
  address(): ServerAddress;
  /** Process id of the server; changes when it had to be started again. */
  readonly pid: number;
  /** Fast shutdown, within about 5 s; harder if the server does not answer. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * A real PostgreSQL inside `dataDir`, started, watched and stopped by the agent. The caller holds the folder's lock
 * (folder-lock.ts): without it, a second agent would stop the first one's server as a leftover.
 */
export async function startEmbeddedPostgres(options: {
  readonly dataDir: string;
  readonly log: StoreLog;
}): Promise<EmbeddedPostgres> {
  const { dataDir, log } = options;
  await mkdir(dataDir, { recursive: true });
  const account = serverAccount(process.getuid?.(), readPasswd(), await dataFolderOwner(dataDir));
  const inside = (await makeReachable(dataDir, account)) ? [dataDir] : [];
  const stageRoots = account === null ? inside : [SYSTEM_FOLDER, ...inside];
  const runtime = await prepareRuntime(account, stageRoots, log);
  const folder = await openDataFolder({ dataDir, outside: SYSTEM_FOLDER, runtime, account, log });
  const parts = { runtime, folder, account, log };
  return new Supervisor(parts, await startServer(parts));
}

class Supervisor implements EmbeddedPostgres {
  readonly #parts: Parameters<typeof startServer>[0];
  readonly #stopping = new AbortController();
  readonly #watch: Promise<void>;
  #server: ServerProcess;

  constructor(parts: Parameters<typeof startServer>[0], server: ServerProcess) {
    this.#parts = parts;
    this.#server = server;
    this.#watch = this.#keepRunning();
  }

  get pid(): number {
    return this.#server.pid;
  }

  address(): ServerAddress {
    const { password } = this.#parts.folder;
    return { host: '127.0.0.1', port: this.#server.port, user: SUPERUSER, password, database: DATABASE };
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#server.stop();
    await this.#watch;
  }

  async #keepRunning(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const words = await this.#server.ended;
      if (signal.aborted) return;
      this.#parts.log.error({ words }, 'the embedded database ended; starting it again');
      await this.#startAgain(signal);
    }
  }

  /** Until it runs: its own backends of the run before may hold the shared memory for a moment longer. */
  async #startAgain(signal: AbortSignal): Promise<void> {
    for (let pauseMs = RESTART_MIN_MS; !signal.aborted; pauseMs = Math.min(pauseMs * 2, RESTART_MAX_MS)) {
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        this.#server = await startServer(this.#parts, this.#server.port);
        // Asked to stop meanwhile: nobody else knows of this run.
        if (signal.aborted) await this.#server.stop();
        return;
      } catch (error) {
        this.#parts.log.error({ err: error }, 'the embedded database did not start; trying again');
      }
    }
  }
}
