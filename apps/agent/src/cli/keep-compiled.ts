import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { makePrivateFolder } from '../store/private-folder.ts';

/**
 * What is imported from here on is kept compiled in the data folder: reading half a thousand files of TypeScript took
 * longer than the rest of a start. By the environment, so that threads find it, too; NODE_DISABLE_COMPILE_CACHE=1 goes
 * without.
 */
export function keepCompiled(dataDir: string): void {
  // On a first start nobody else has made it yet.
  makePrivateFolder(dataDir);
  process.env['NODE_COMPILE_CACHE'] ??= join(dataDir, 'compiled');
  enableCompileCache();
}
