import type { Command } from 'commander';
import { loadConfig } from '../config/config.ts';
import { registerDocument } from './config-document.ts';

export function register(program: Command): void {
  const config = program.command('config').description('the agent’s settings, and who hears of what as a document');
  registerDocument(config);
  config
    .command('check')
    .description('validate a configuration file with the environment, and say what it comes to')
    .option('--config <file>', 'YAML configuration file')
    .option('--json', 'print the effective configuration as JSON')
    .addHelpText('after', '\nExample: sentinellog config check --config agent.yaml')
    .action((options: { config?: string; json?: boolean }) => {
      const loaded = loadConfig({
        ...(options.config ? { file: options.config } : {}),
        env: process.env,
        overrides: {},
      });
      // The secrets a configuration may hold: a password inside the database URL, and the journal's keys.
      const shown = {
        ...loaded,
        database: { ...loaded.database, ...(loaded.database.url ? { url: '(set)' } : {}) },
        journal: { ...loaded.journal, ...(loaded.journal.key ? { key: '(set)' } : {}) },
      };
      process.stdout.write(options.json ? `${JSON.stringify(shown)}\n` : `valid\n${JSON.stringify(shown, null, 2)}\n`);
    });
}
