import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IngestRecord } from '../pipeline/ingest-record.ts';
import { Replay, type ReplaySource } from './replay.ts';
import { anEvent, NEW_YEAR, TallyProbe } from './testing/tally-probe.ts';

function recordOf(number: number): IngestRecord {
  return {
    receivedAtMs: (NEW_YEAR + number) * 1000,
    tenant: 'default',
    keyId: 'key',
    pinnedService: null,
    batchId: `b${number}`,
    format: 'json',
    accepted: 1,
    rejected: 0,
    // Every record has its own service, so that one applied twice or never is seen.
    body: Buffer.from(JSON.stringify(anEvent(NEW_YEAR + number, { service: `service-${number}` }))),
  };
}

/** A journal whose disk answers after a number of turns that the test chooses. */
class SlowJournal implements ReplaySource {
  readonly records: IngestRecord[] = [];
  readonly #turns: () => number;

  constructor(turns: () => number) {
    this.#turns = turns;
  }

  get end(): number {
    return this.records.length;
  }

  async *read(fromLsn: number) {
    for (let lsn = fromLsn; lsn < this.records.length; lsn++) {
      for (let turn = this.#turns(); turn > 0; turn--) await nextTurn();
      yield { record: this.records[lsn], endLsn: lsn + 1 };
    }
    for (let turn = this.#turns(); turn > 0; turn--) await nextTurn();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe('replay', () => {
  it('applies every record once, however live records and reading interleave', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(8),
        fc.array(fc.record({ wait: fc.nat(3), count: fc.integer({ min: 1, max: 3 }) }), { maxLength: 12 }),
        fc.infiniteStream(fc.nat(3)),
        async (old, arrivals, turns) => {
          const journal = new SlowJournal(() => turns.next().value ?? 0);
          for (let number = 0; number < old; number++) journal.records.push(recordOf(number));
          const { tally } = new TallyProbe();
          const replay = new Replay(tally, journal);
          const replayed = replay.run(new AbortController().signal);
          for (const { wait, count } of arrivals) {
            for (let turn = 0; turn < wait; turn++) await nextTurn();
            // One block becomes durable: its records are scanned before, and all acknowledged in one step.
            const records = Array.from({ length: count }, (_, at) => recordOf(journal.records.length + at));
            const batches = records.map((record) => tally.scan(record, record.body));
            const first = journal.records.length;
            journal.records.push(...records);
            for (const [at, batch] of batches.entries()) replay.durable(batch, first + at + 1);
          }
          await replayed;
          expect(replay.hasCaughtUp).toBe(true);
          expect(replay.pendingBytes).toBe(0);
          expect(tally.lsn).toBe(journal.end);
          expect(tally.sources.map(({ service }) => service)).toEqual(journal.records.map((_, at) => `service-${at}`));
          expect(tally.counters['accepted']).toBe(journal.records.length);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('stops in the middle when it is told to, and says how far it is behind', async () => {
    const journal = new SlowJournal(() => 1);
    for (let number = 0; number < 5; number++) journal.records.push(recordOf(number));
    const replay = new Replay(new TallyProbe().tally, journal);
    const stopping = new AbortController();
    const replayed = replay.run(stopping.signal);
    await nextTurn();
    stopping.abort();
    await replayed;
    expect(replay.hasCaughtUp).toBe(false);
    expect(replay.pendingBytes).toBeGreaterThan(0);
  });
});
