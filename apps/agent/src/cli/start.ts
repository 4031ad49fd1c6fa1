import type { Command } from 'commander';
import { startAgent } from '../agent.ts';
import { loadConfig } from '../config/config.ts';
import { tuneHeapForManyBuffers } from '../heap-settings.ts';
import { JournalKeyError } from '../journal/key-ring.ts';
import { StoreRefused } from '../store/store-errors.ts';
import { createLog } from '../telemetry/log.ts';
import { CliError } from './cli-error.ts';

interface StartOptions {
  readonly config?: string;
  readonly dataDir?: string;
  readonly listen?: string;
}

export function register(program: Command): void {
  program
    .command('start')
    .description('run the agent until SIGTERM or SIGINT')
    .option('--config <file>', 'YAML configuration file')
    .option('--data-dir <dir>', 'journal, keys and embedded database; the first start writes credentials.json here')
    .option('--listen <host:port>', 'address of the HTTP API; port 0 picks a free one')
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
  tuneHeapForManyBuffers();
  const config = loadConfig({
    file: options.config,
    env: process.env,
    overrides: { listen: options.listen, dataDir: options.dataDir },
  });
  const log = createLog(config.log.level);
  const agent = await startAgent(config, log).catch((error: unknown) => {
    throw asPersonCanActOn(error, config.listen);
  });
  process.stdout.write(
    `${JSON.stringify({ event: 'agent.ready', url: agent.url, version: agent.info.version, pid: process.pid })}\n`,
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

/** What is wrong with the folder, the database or the port is said in one line; anything else is our mistake and keeps its stack. */
function asPersonCanActOn(error: unknown, { host, port }: { readonly host: string; readonly port: number }): unknown {
  if (error instanceof StoreRefused || error instanceof JournalKeyError) {
    return new CliError(error.message, { cause: error });
  }
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
