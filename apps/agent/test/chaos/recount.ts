import { loadConfig } from '../../src/config/config.ts';
import { openJournal } from '../../src/journal/journal.ts';
import { journalDirOf, resolveJournalKeys } from '../../src/journal/journal-keys.ts';
import type { Ledger } from './ledger.ts';
import { chaosBatch, numberOf } from './payload.ts';

/** What the journal of a stopped agent holds, against what the oracle knows. All but `events` should be 0 or empty. */
export interface Recount {
  /** By service: what the counts of a healthy agent must be. */
  readonly counts: ReadonlyMap<string, number>;
  readonly events: number;
  /** Acknowledged and not there. */
  readonly missing: readonly number[];
  /** There more than once. */
  readonly duplicates: number;
  /** There, and nobody sent it. */
  readonly spurious: number;
  /** There, with other bytes than were sent. */
  readonly corrupt: number;
  /** Places in the journal that cannot be read. */
  readonly damaged: number;
}

export async function recount(options: {
  readonly dataDir: string;
  readonly seed: number;
  readonly baseMs: number;
  readonly eventsPerBatch: number;
  readonly ledger: Ledger;
}): Promise<Recount> {
  const { dataDir, seed, baseMs, eventsPerBatch, ledger } = options;
  const config = loadConfig({ env: {}, overrides: { dataDir } });
  const keys = await resolveJournalKeys(config);
  const seen = new Set<number>();
  const counts = new Map<string, number>();
  let [events, duplicates, spurious, corrupt, damaged] = [0, 0, 0, 0, 0];
  const journal = await openJournal({
    dir: journalDirOf(dataDir),
    segmentBytes: config.journal.segmentBytes,
    maxBytes: config.journal.maxBytes,
    retention: { keepMs: () => Number.POSITIVE_INFINITY, longestKeepMs: () => Number.POSITIVE_INFINITY },
    maxPendingBytes: config.limits.pendingBytes,
    minFreeBytes: 0,
    keys: keys?.ring,
    isEncrypted: true,
    now: Date.now,
    onCorruption: () => damaged++,
  });
  try {
    for await (const { record } of journal.read(0)) {
      const number = numberOf(seed, record.batchId);
      if (number === undefined || ledger.fateOf(number) === undefined) {
        spurious++;
        continue;
      }
      if (seen.has(number)) duplicates++;
      seen.add(number);
      const sent = chaosBatch(seed, number, baseMs, eventsPerBatch);
      if (!sent.body.equals(record.body) || record.accepted !== sent.events) corrupt++;
      events += record.accepted;
      for (const [service, count] of sent.counts) counts.set(service, (counts.get(service) ?? 0) + count);
    }
  } finally {
    await journal.close();
  }
  const missing = [...ledger.numbers].filter((number) => ledger.fateOf(number) === 'acknowledged' && !seen.has(number));
  return { counts, events, missing, duplicates, spurious, corrupt, damaged };
}
