import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;

/** The embedded database server of a data folder, as seen from outside. */
export class Postmaster {
  readonly #dataDir: string;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  /** Immediate shutdown, again and again for so long: the agent's supervisor starts it anew each time. */
  async keepDown(durationMs: number): Promise<void> {
    for (const until = performance.now() + durationMs; performance.now() < until; await sleep(POLL_MS)) {
      this.signal('SIGQUIT');
    }
  }

  /** To the server alone; its children notice. */
  signal(name: NodeJS.Signals): void {
    const pid = this.#pid();
    if (pid !== undefined) send(pid, name);
  }

  /** Server and every backend. */
  freeze(): () => void {
    const pid = this.#pid();
    const pids = pid === undefined ? [] : [pid, ...childrenOf(pid)];
    for (const each of pids) send(each, 'SIGSTOP');
    return () => {
      for (const each of pids) send(each, 'SIGCONT');
    };
  }

  /** @returns false when there is no backend to kill just now */
  killBackend(): boolean {
    const pid = this.#pid();
    const backend = pid === undefined ? undefined : childrenOf(pid).at(-1);
    if (backend !== undefined) send(backend, 'SIGKILL');
    return backend !== undefined;
  }

  #pid(): number | undefined {
    try {
      const pid = Number.parseInt(readFileSync(join(this.#dataDir, 'postgres', 'postmaster.pid'), 'utf8'), 10);
      return pid > 1 ? pid : undefined;
    } catch {
      // Between two runs there is none.
      return undefined;
    }
  }
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function send(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // Gone between the look and the signal.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
