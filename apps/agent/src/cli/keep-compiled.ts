import { mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

/**
 * What is imported from here on is kept compiled in the data folder: reading half a thousand files of TypeScript took
 * longer than the rest of a start. By the environment, so that threads find it, too; NODE_DISABLE_COMPILE_CACHE=1 goes
 * without.
 */
export function keepCompiled(dataDir: string): void {
  // The first start makes the folder; nobody else may read it.
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  process.env['NODE_COMPILE_CACHE'] ??= join(dataDir, 'compiled');
  enableCompileCache();
}
