import type { Command } from 'commander';
import { startAgent } from '../agent.ts';
import { loadConfig } from '../config/config.ts';
import { createLog } from '../telemetry/log.ts';

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
  const config = loadConfig({
    file: options.config,
    env: process.env,
    overrides: { listen: options.listen, dataDir: options.dataDir },
  });
  const log = createLog(config.log.level);
  const agent = await startAgent(config, log);
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
