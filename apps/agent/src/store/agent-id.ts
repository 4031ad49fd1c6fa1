import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isUuid, uuidv7 } from '@sentinellog/shared';

/**
 * Who this agent is, for as long as its folder lives: `DIR/agent-id`. A checkpoint carries it, because its journal
 * position means nothing beside the journal of another folder.
 */
export function readAgentId(dataDir: string, nowMs: number, entropy: Uint8Array): string {
  const file = join(dataDir, 'agent-id');
  const found = readIfThere(file)?.trim();
  if (found !== undefined && isUuid(found)) return found;
  if (found !== undefined) throw new Error(`${file} does not hold a UUID; bring it back from a backup or remove it`);
  const made = uuidv7(nowMs, entropy);
  writeFileSync(`${file}.new`, `${made}\n`, { mode: 0o644 });
  renameSync(`${file}.new`, file);
  return made;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
