import { createHash } from 'node:crypto';
import { AUDIT_GENESIS, type AuditRecord } from '@sentinellog/shared';
import { canonicalJson } from '../pipeline/canonical-json.ts';

/** So that a hash of the chain can never be the hash of something else (reliability.md §6). */
const DOMAIN = 'SLA1';

/** @param prevHash 64 hexadecimal digits, which are hashed as 32 bytes */
export function linkHash(prevHash: string, entry: Omit<AuditRecord, 'prev_hash' | 'hash'>): string {
  const { seq, at_ms, actor, action, object, detail } = entry;
  return createHash('sha256')
    .update(DOMAIN)
    .update(Buffer.from(prevHash, 'hex'))
    .update(canonicalJson({ seq, at_ms, actor, action, object, detail }))
    .digest('hex');
}

export interface ChainEnd {
  readonly seq: number;
  readonly hash: string;
}
export const CHAIN_START: ChainEnd = { seq: 0, hash: AUDIT_GENESIS };

export type ChainVerdict =
  | { readonly ok: true; readonly end: ChainEnd }
  | { readonly ok: false; readonly badSeq: number; readonly because: string };

/** Follows the chain over entries in ascending order, from where it was followed to before. */
export function followChain(from: ChainEnd, entries: readonly AuditRecord[]): ChainVerdict {
  let end = from;
  for (const entry of entries) {
    const expected = end.seq + 1;
    if (entry.seq !== expected) return { ok: false, badSeq: expected, because: `entry ${expected} is missing` };
    if (entry.prev_hash !== end.hash)
      return { ok: false, badSeq: entry.seq, because: 'it does not name the hash of the entry before it' };
    if (linkHash(entry.prev_hash, entry) !== entry.hash)
      return { ok: false, badSeq: entry.seq, because: 'its hash is not that of what it says' };
    end = { seq: entry.seq, hash: entry.hash };
  }
  return { ok: true, end };
}

/** The end that was reached against the end that is kept elsewhere: a tail that was cut off shows only here. */
export function compareEnd(reached: ChainEnd, head: ChainEnd): ChainVerdict {
  if (reached.seq < head.seq)
    return {
      ok: false,
      badSeq: reached.seq + 1,
      because: `entries ${reached.seq + 1} to ${head.seq} are missing at the end`,
    };
  if (reached.seq === head.seq && reached.hash !== head.hash)
    return { ok: false, badSeq: head.seq, because: 'the last entry is not the one that was written last' };
  return { ok: true, end: reached };
}
