/** Stands for an agent that is killed: starts the embedded server on the folder named in its argument, and waits. */
import { startEmbeddedPostgres } from '../embedded-postgres.ts';
import { silentLog } from './silent-log.ts';

const server = await startEmbeddedPostgres({ dataDir: process.argv[2], log: silentLog });
process.stdout.write(`${server.pid}\n`);
setInterval(() => undefined, 1000);
