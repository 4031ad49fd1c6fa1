import type { JournalOptions } from '../journal.ts';
import { journalKey, type KeyRing } from '../key-ring.ts';

export const KEYS: KeyRing = [journalKey(Buffer.alloc(32, 7))];
export const RETENTION_MS = 86_400_000;

/** Small segments, encrypted; override what the test is about. */
export function aJournalOptions(overrides: Partial<JournalOptions> = {}): JournalOptions {
  return {
    dir: 'journal',
    segmentBytes: 8192,
    maxBytes: 1_000_000,
    retention: { keepMs: () => RETENTION_MS, longestKeepMs: () => RETENTION_MS },
    maxPendingBytes: 1_000_000,
    minFreeBytes: 0,
    keys: KEYS,
    isEncrypted: true,
    now: () => 0,
    onCorruption: () => undefined,
    ...overrides,
  };
}
