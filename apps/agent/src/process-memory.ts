import { totalmem } from 'node:os';
import { constrainedMemory } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Twice what the heaviest benchmark needs. */
const LEAST_OUTSIDE_A_CONTAINER_BYTES = 1024 ** 3;

/** What this process may use: the limit of its container (cgroup), or a quarter of a machine that it shares. */
export function memoryOfThisProcess(): number {
  const limit = constrainedMemory();
  // Without a limit it is 0, or close to 2^64.
  return limit > 0 && limit < 2 ** 46 ? limit : Math.max(LEAST_OUTSIDE_A_CONTAINER_BYTES, totalmem() / 4);
}

/** A full collection, now. V8 shows `gc` to contexts that are made after the flag is set, and to nobody else. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof collect === 'function') collect();
}
