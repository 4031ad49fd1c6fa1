import type { Command } from 'commander';
import { startAgent } from '../agent.ts';
import { type Config, loadConfig } from '../config/config.ts';
import { JournalKeyError } from '../journal/key-ring.ts';
import { ListenerRefused } from '../receive/listeners.ts';
import { StoreRefused } from '../store/store-errors.ts';
import { createLog } from '../telemetry/log.ts';
import { CliError } from './cli-error.ts';

interface StartOptions {
  readonly config?: string;
  readonly dataDir?: string;
  readonly listen?: string;
  readonly tail: readonly string[];
  readonly stdin?: string | true;
}

export function register(program: Command): void {
  program
    .command('start')
    .description('run the agent until SIGTERM or SIGINT')
    .option('--config <file>', 'YAML configuration file')
    .option('--data-dir <dir>', 'journal, keys and embedded database; the first start writes credentials.json here')
    .option('--listen <host:port>', 'address of the HTTP API; port 0 picks a free one')
    .option('--tail <glob>', 'follow files, besides those of the configuration; repeatable', collect, [])
    .option('--stdin [service]', 'take lines from standard input, as those of a service')
    .addHelpText(
      'after',
      `
Prints one JSON line to stdout when it is ready: {"event":"agent.ready","url":"http://HOST:PORT",…}; its log goes to stderr.
Settings: --config, then SENTINELLOG_* variables (and DATABASE_URL), then options.

Example: sentinellog start --data-dir /var/lib/sentinellog --listen 0.0.0.0:8400`,
    )
    .action(run);
}

async function run(options: StartOptions): Promise<void> {
  const stdinService = options.stdin === true ? 'stdin' : options.stdin;
  const settings = loadConfig({
    file: options.config,
    env: process.env,
    overrides: { listen: options.listen, dataDir: options.dataDir, receive: { stdinService } },
  });
  const config = withTails(settings, options.tail);
  const log = createLog(config.log.level);
  const agent = await startAgent(config, log).catch((error: unknown) => {
    throw asPersonCanActOn(error, config.listen);
  });
  process.stdout.write(
    `${JSON.stringify({ event: 'agent.ready', url: agent.url, version: agent.info.version, pid: process.pid, listeners: agent.listeners })}\n`,
  );
  log.info({ event: 'agent.ready', url: agent.url }, 'ready');

  await new Promise<void>((resolve) => {
    const onSignal = (signal: NodeJS.Signals) => {
      log.info({ event: 'agent.stopping', signal }, 'stopping');
      resolve();
    };
    process.once('SIGTERM', onSignal);
    process.once('SIGINT', onSignal);
  });
  await agent.stop();
  log.info({ event: 'agent.stopped' }, 'stopped');
}

function withTails(config: Config, globs: readonly string[]): Config {
  const more = globs.map((glob) => ({ glob, exclude: [], from: 'start' as const }));
  return { ...config, receive: { ...config.receive, files: [...config.receive.files, ...more] } };
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** What is wrong with the folder, the database or the port is said in one line; anything else is our mistake and keeps its stack. */
function asPersonCanActOn(error: unknown, { host, port }: { readonly host: string; readonly port: number }): unknown {
  const isOurs = error instanceof StoreRefused || error instanceof JournalKeyError || error instanceof ListenerRefused;
  if (isOurs) return new CliError(error.message, { cause: error });
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return new CliError(`${host}:${port} is in use by another program; choose another --listen`, { cause: error });
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    return new CliError(`${host}:${port} cannot be listened on (${code}); choose another --listen`, {
      cause: error,
    });
  }
  return error;
}
