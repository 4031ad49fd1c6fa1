import { fileURLToPath } from 'node:url';
import { checkLayers } from './layers.ts';

const { filesChecked, violations } = checkLayers(fileURLToPath(new URL('..', import.meta.url)));
for (const violation of violations) process.stderr.write(`${violation}\n`);
process.stderr.write(`${filesChecked} files checked, ${violations.length} forbidden imports\n`);
process.exitCode = violations.length === 0 && filesChecked > 0 ? 0 : 1;
