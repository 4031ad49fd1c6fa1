import { flushCompileCache } from 'node:module';
import { startAgent } from '../agent.ts';
import type { Config } from '../config/config.ts';
import { JournalKeyError } from '../journal/key-ring.ts';
import { ListenerRefused } from '../receive/listeners.ts';
import { StoreRefused } from '../store/store-errors.ts';
import { createLog } from '../telemetry/log.ts';
import { CliError } from './cli-error.ts';

/** Runs the agent until SIGTERM or SIGINT. Imported by `start` alone: no other command waits for all of its modules. */
export async function runAgent(config: Config): Promise<void> {
  const log = createLog(config.log.level);
  const agent = await startAgent(config, log).catch((error: unknown) => {
    throw asPersonCanActOn(error, config.listen);
  });
  // Whoever reads that it is ready may stop it at once.
  const asked = new Promise<void>((resolve) => {
    const onSignal = (signal: NodeJS.Signals) => {
      log.info({ event: 'agent.stopping', signal }, 'stopping');
      resolve();
    };
    process.once('SIGTERM', onSignal);
    process.once('SIGINT', onSignal);
  });
  process.stdout.write(
    `${JSON.stringify({ event: 'agent.ready', url: agent.url, version: agent.info.version, pid: process.pid, listeners: agent.listeners })}\n`,
  );
  log.info({ event: 'agent.ready', url: agent.url }, 'ready');
  // Now, as one that is killed would leave nothing to the next start. Takes a tenth of a second after an update only.
  flushCompileCache();
  await asked;
  await agent.stop();
  log.info({ event: 'agent.stopped' }, 'stopped');
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
