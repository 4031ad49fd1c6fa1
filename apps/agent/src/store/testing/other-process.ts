import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Another program of ours, started with one argument and known to be ready by its first line. */
export class OtherProcess {
  readonly #child: ChildProcess;
  readonly firstLine: string;

  private constructor(child: ChildProcess, firstLine: string) {
    this.#child = child;
    this.firstLine = firstLine;
  }

  static async start(script: URL, argument: string): Promise<OtherProcess> {
    const child = spawn(process.execPath, [fileURLToPath(script), argument], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`${script.pathname} ended with exit code ${code} before it was ready`);
    });
    const [line] = await Promise.race([once(child.stdout, 'data'), ended]);
    ended.catch(() => undefined);
    return new OtherProcess(child, String(line).trim());
  }

  /** kill -9: it gets no chance to clean up. */
  async kill(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
