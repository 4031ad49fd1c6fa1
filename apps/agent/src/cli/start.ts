import type { Command } from 'commander';
import { type Config, loadConfig } from '../config/config.ts';
import { tuneHeapForManyBuffers } from '../heap-settings.ts';
import { keepCompiled } from './keep-compiled.ts';

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
  tuneHeapForManyBuffers();
  const stdinService = options.stdin === true ? 'stdin' : options.stdin;
  const settings = loadConfig({
    file: options.config,
    env: process.env,
    overrides: { listen: options.listen, dataDir: options.dataDir, receive: { stdinService } },
  });
  const config = withTails(settings, options.tail);
  keepCompiled(config.dataDir);
  const { runAgent } = await import('./run-agent.ts');
  await runAgent(config);
}

function withTails(config: Config, globs: readonly string[]): Config {
  const more = globs.map((glob) => ({ glob, exclude: [], from: 'start' as const }));
  return { ...config, receive: { ...config.receive, files: [...config.receive.files, ...more] } };
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
