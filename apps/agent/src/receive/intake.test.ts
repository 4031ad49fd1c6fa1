import { describe, expect, it } from 'vitest';
import type { IngestRecord } from '../pipeline/ingest-record.ts';
import { BatchMemory } from './batch-memory.ts';
import { ReceivedBody } from './body-sink.ts';
import { Intake, type IntakeOutcome } from './intake.ts';
import { KeyMeters } from './key-meters.ts';
import { NO_LIMITS } from './testing/no-limits.ts';

const CONTENTS = { oldestMs: 1000, newestMs: 1000, sourceHashes: [7] };
const CALLER = { keyId: 'k1', tenant: 'default', pinnedService: null };

/** An intake over a journal that the test commits by hand. */
function intake(refusal?: Error) {
  const waiting: { record: IngestRecord; onDurable: (endLsn: number) => void; onFailed: (error: Error) => void }[] = [];
  const seen = { outcomes: [] as IntakeOutcome[], durable: 0, released: 0, bodies: 0 };
  const subject = new Intake({
    scanner: {
      scan: (_, body) => ({
        accepted: body.length,
        rejected: body[0] === 0 ? 1 : 0,
        errors: body[0] === 0 ? [{ line: 1, code: 'invalid_json', detail: '' }] : [],
        rejectedLines: body[0] === 0 ? [1] : [],
        ...CONTENTS,
        release: () => seen.released++,
      }),
    },
    journal: {
      append: (record, _contents, onDurable, onFailed) => {
        if (refusal !== undefined) throw refusal;
        waiting.push({ record, onDurable, onFailed });
      },
    },
    onDurable: () => seen.durable++,
    meters: new KeyMeters(NO_LIMITS.keyAllowance),
    memory: new BatchMemory({ keepMs: 600_000, maxBatches: 10 }),
    onRefused: () => undefined,
    now: () => 1000,
    newId: () => 'made-1',
  });
  const send = (batchId: string | null, bytes = Buffer.from('abc')) => {
    const body = new ReceivedBody(bytes, () => seen.bodies++);
    subject.accept({ caller: CALLER, batchId, format: 'json', body }, (outcome) => seen.outcomes.push(outcome));
  };
  return { subject, waiting, seen, send };
}

const diskFull = Object.assign(new Error('no space'), { code: 'disk_full' });

describe('intake', () => {
  it('answers only when the record is on disk, and hands the batch on before that', () => {
    const { waiting, seen, send } = intake();
    send(null);
    expect(seen.outcomes).toEqual([]);
    waiting[0]?.onDurable(1);
    expect(seen).toMatchObject({ durable: 1, bodies: 1 });
    expect(seen.outcomes).toEqual([
      { type: 'stored', isRepeat: false, batch: { accepted: 3, rejected: 0, batchId: 'made-1', errors: [] } },
    ]);
  });

  it('stores a batch once: a repeat gets the same answer, also while the first is on its way', () => {
    const { subject, waiting, seen, send } = intake();
    send('b1');
    send('b1');
    send('b1');
    expect(waiting).toHaveLength(1);
    waiting[0]?.onDurable(1);
    send('b1');
    expect(waiting).toHaveLength(1);
    expect(seen.outcomes.map((outcome) => outcome.type)).toEqual(['stored', 'stored', 'stored', 'stored']);
    expect(seen).toMatchObject({ durable: 1, bodies: 4 });
    expect(subject.counters).toMatchObject({ batches: 1, repeated_batches: 3 });
  });

  it('lets the repeat try when the first has failed', () => {
    const { waiting, seen, send } = intake();
    send('b1');
    send('b1');
    waiting[0]?.onFailed(diskFull);
    expect(seen.outcomes).toMatchObject([{ type: 'refused', code: 'disk_full' }]);
    waiting[1]?.onDurable(1);
    expect(seen.outcomes).toMatchObject([{ type: 'refused' }, { type: 'stored', isRepeat: false }]);
    expect(seen).toMatchObject({ durable: 1, released: 1, bodies: 2 });
  });

  it('refuses with the reason of the journal, and forgets the batch', () => {
    const { seen, send } = intake(diskFull);
    send('b1');
    send('b1');
    expect(seen.outcomes).toEqual([
      { type: 'refused', code: 'disk_full', detail: 'no space' },
      { type: 'refused', code: 'disk_full', detail: 'no space' },
    ]);
    expect(seen).toMatchObject({ released: 2, bodies: 2 });
  });

  it('stores nothing of a body without one good event', () => {
    const { waiting, seen, subject } = intake();
    const errors = [{ line: 1, code: 'invalid_json', detail: '' }];
    const scanned = { accepted: 0, rejected: 1, errors, rejectedLines: [1], ...CONTENTS };
    const nothing = new Intake({
      scanner: { scan: () => ({ ...scanned, release: () => seen.released++ }) },
      journal: { append: () => expect.unreachable() },
      onDurable: () => expect.unreachable(),
      meters: new KeyMeters(NO_LIMITS.keyAllowance),
      memory: new BatchMemory({ keepMs: 1, maxBatches: 1 }),
      onRefused: () => undefined,
      now: () => 0,
      newId: () => 'x',
    });
    nothing.accept(
      { caller: CALLER, batchId: null, format: 'json', body: new ReceivedBody(Buffer.from('x')) },
      (outcome) => seen.outcomes.push(outcome),
    );
    expect(seen.outcomes).toEqual([{ type: 'unusable', rejected: 1, errors: scanned.errors }]);
    expect(nothing.counters.unusable_events).toBe(1);
    expect(subject.counters.unusable_events + waiting.length).toBe(0);
  });

  it('does not dress up a mistake of ours as a refusal', () => {
    const { send } = intake(new TypeError('x is not a function'));
    expect(() => send(null)).toThrow('x is not a function');
  });
});
