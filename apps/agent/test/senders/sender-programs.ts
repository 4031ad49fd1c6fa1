/** The real programs that people send with, where they are installed. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SHIPPERS = fileURLToPath(new URL('../../../../docs/shippers/', import.meta.url));

/** Where a program lies; undefined, and the tests of it say so, when it is not installed. */
export function findProgram(name: string, variable: string): string | undefined {
  const given = process.env[variable];
  if (given !== undefined && given !== '') return given;
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

/** A configuration as the documentation prints it, sent to where the test listens. */
export function shipperConfig(file: string, address: string): string {
  const colon = address.lastIndexOf(':');
  return readFileSync(join(SHIPPERS, file), 'utf8')
    .replaceAll('sentinellog.example', address.slice(0, colon))
    .replaceAll(/port="\d+"|port\(\d+\)/g, (port) => port.replace(/\d+/, address.slice(colon + 1)));
}

/** A sender that reads lines from a file, in a folder of its own; stopped and removed at the end of the test. */
export class SenderProgram {
  readonly dir = mkdtempSync(join(tmpdir(), 'sentinellog-sender-'));
  readonly #program: string;
  #child: ChildProcess | undefined;

  constructor(program: string) {
    this.#program = program;
  }

  write(name: string, text: string): string {
    const file = join(this.dir, name);
    writeFileSync(file, text);
    return file;
  }

  append(name: string, text: string): void {
    appendFileSync(join(this.dir, name), text);
  }

  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): void {
    this.#child = spawn(this.#program, args, {
      cwd: this.dir,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'ignore'],
    });
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
      await once(child, 'exit');
      clearTimeout(timer);
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** rsyslog that reads a file and sends it as one of our pages says. */
export function rsyslog(program: string, action: string, lines: readonly string[]): SenderProgram {
  const sender = new SenderProgram(program);
  const input = sender.write('app.log', `${lines.join('\n')}\n`);
  const config = sender.write(
    'rsyslog.conf',
    [
      `global(workDirectory="${sender.dir}")`,
      'module(load="imfile" mode="inotify")',
      `input(type="imfile" file="${input}" tag="checkout:" severity="error" facility="local0")`,
      action,
      '',
    ].join('\n'),
  );
  sender.start(['-n', '-f', config, '-i', join(sender.dir, 'rsyslog.pid')]);
  return sender;
}

/** True when the program can be run at all. */
export function runs(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): boolean {
  try {
    execFileSync(program, args, { env: { ...process.env, ...env }, stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}
