import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const READY_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 20_000;

/** A server in a process of its own, as in production: it shares no event loop and no heap with the load. */
export class ServerProcess {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  /** @param script beside this file or relative to it; its first line on stdout is JSON with a `url` */
  static async start(script: string, args: readonly string[]): Promise<ServerProcess> {
    const path = fileURLToPath(new URL(script, import.meta.url));
    const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-4000);
    });
    try {
      return new ServerProcess(child, await urlOf(child));
    } catch (error) {
      child.kill('SIGKILL');
      throw new Error(`${script} did not start:\n${errors}`, { cause: error });
    }
  }

  /** Most memory it has held so far, in MB; undefined where the system does not say (it is Linux that does). */
  peakMemoryMb(): number | undefined {
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
      return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024);
    } catch {
      return undefined;
    }
  }

  /** The peak is counted anew from here, where the system can do that (Linux, since 4.0). */
  forgetPeak(): void {
    try {
      writeFileSync(`/proc/${this.#child.pid}/clear_refs`, '5');
    } catch {
      process.stderr.write('bench: the peak of memory cannot be counted anew here; it is that since the start\n');
    }
  }

  async stop(): Promise<void> {
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT_MS);
    await this.#ended('SIGTERM');
    clearTimeout(limit);
  }

  /** As a crash: nothing is flushed and nobody says goodbye. */
  kill(): Promise<void> {
    return this.#ended('SIGKILL');
  }

  async #ended(signal: NodeJS.Signals): Promise<void> {
    const exited = new Promise((resolve) => {
      this.#child.once('exit', resolve);
    });
    this.#child.kill(signal);
    await exited;
  }
}

function urlOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`not ready within ${READY_LIMIT_MS} ms`)), READY_LIMIT_MS);
    child.once('exit', (code) => reject(new Error(`it ended with code ${code}`)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).once('line', (line) => {
      clearTimeout(limit);
      const ready: unknown = JSON.parse(line);
      const url = typeof ready === 'object' && ready !== null && 'url' in ready ? ready.url : undefined;
      if (typeof url === 'string') resolve(url);
      else reject(new Error(`its first line has no url: ${line}`));
    });
  });
}
