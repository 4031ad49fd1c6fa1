import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const IdSchema = z.uuid();

/** The agent's id, made at its first start in this folder and kept: consoles know it by this, whatever its address. */
export function agentIdentity(dataDir: string): string {
  const file = join(dataDir, 'agent-id');
  try {
    return IdSchema.parse(readFileSync(file, 'utf8').trim());
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const id = randomUUID();
  writeFileSync(file, `${id}\n`, { flag: 'wx' });
  return id;
}
