import { totalmem } from 'node:os';
import { constrainedMemory } from 'node:process';

/** Twice what the heaviest benchmark needs. */
const LEAST_OUTSIDE_A_CONTAINER_BYTES = 1024 ** 3;

/** What this process may use: the limit of its container (cgroup), or a quarter of a machine that it shares. */
export function memoryOfThisProcess(): number {
  const limit = constrainedMemory();
  // Without a limit it is 0, or close to 2^64.
  return limit > 0 && limit < 2 ** 46 ? limit : Math.max(LEAST_OUTSIDE_A_CONTAINER_BYTES, totalmem() / 4);
}
