import { createHash } from 'node:crypto';
import { uuidv7 } from '@sentinellog/shared';

/**
 * Id of a source: when it was first received, then who it is. No chance in it, so that the same journal replayed
 * after a crash finds the same sources.
 */
export function sourceIdOf(firstReceivedMs: number, tenant: string, service: string): string {
  return uuidv7(firstReceivedMs, createHash('sha256').update(`${tenant}\0${service}`).digest());
}
