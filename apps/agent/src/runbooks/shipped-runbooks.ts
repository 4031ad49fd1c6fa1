import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunbookBody } from '@sentinellog/shared';
import { parseRunbook } from './parse-runbook.ts';

const FOLDER = fileURLToPath(new URL('../../../../resources/runbooks', import.meta.url));

/** The runbooks that come with the agent, named after their files. Throws where one of them is damaged. */
export function shippedRunbooks(folder: string = FOLDER): { readonly name: string; readonly body: RunbookBody }[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.md'))
    .toSorted()
    .map((file) => ({ name: basename(file, '.md'), body: parseRunbook(readFileSync(join(folder, file), 'utf8')) }));
}
