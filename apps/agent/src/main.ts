#!/usr/bin/env node
/** Arguments in, exit code out: the one place that ends the process. */
import { Command, CommanderError } from 'commander';
import { ConfigError } from './config/config.ts';
import { CliError } from './cli/cli-error.ts';
import { COMMANDS } from './cli/commands.ts';
import { VERSION } from './version.ts';

const program = new Command('sentinellog')
  .description("Learns each service's log heartbeat and notices when it breaks")
  .version(VERSION)
  .showHelpAfterError('(--help shows what this command takes)')
  .exitOverride();
for (const { register } of COMMANDS) register(program);

try {
  await program.parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode);
  // What a person can act on is one line; anything else is our mistake and keeps its stack.
  const expected = error instanceof CliError || error instanceof ConfigError;
  process.stderr.write(
    `sentinellog: ${expected ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exit(1);
}
