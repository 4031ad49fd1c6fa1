import { FrameBlock } from '@sentinellog/shared';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RestoredState } from '../pipeline/checkpoint.ts';
import { restoredTemplates } from '../pipeline/testing/no-templates.ts';
import { anEvent, NEW_YEAR, TallyProbe } from './testing/tally-probe.ts';
import { OVERFLOW_SERVICE, type Tally, type TallyDelta } from './tally.ts';

const iso = (second: number) => new Date(second * 1000).toISOString();

function linesAt(...times: string[]): Buffer {
  return Buffer.from(times.map((ts) => `${JSON.stringify({ ts, msg: 'up' })}\n`).join(''));
}

describe('a source that speaks for the first time', () => {
  it('is told of with the times of its first events, once', () => {
    const probe = new TallyProbe();
    probe.receive(
      [
        { service: 'api', ts: NEW_YEAR + 5 },
        { service: 'api', ts: NEW_YEAR + 7 },
      ],
      NEW_YEAR + 8,
    );
    probe.receive({ service: 'api', ts: NEW_YEAR + 9 }, NEW_YEAR + 9);
    expect(probe.found.map(({ service, firstSeenMs, lastSeenMs }) => [service, firstSeenMs, lastSeenMs])).toEqual([
      ['api', (NEW_YEAR + 5) * 1000, (NEW_YEAR + 7) * 1000],
    ]);
  });
});

describe('tally: what is counted', () => {
  it('counts by source, second and level, with the bytes of the lines', () => {
    const probe = new TallyProbe();
    const line = JSON.stringify(anEvent(NEW_YEAR, { level: 'ERROR' }));
    probe.receive(`${line}\n${line}\n${JSON.stringify(anEvent(NEW_YEAR + 9))}`, NEW_YEAR + 9);
    expect(probe.closed[0]?.counts).toMatchObject({ error: 2, info: 0, bytes: 2 * line.length });
    expect(probe.tally.counters).toMatchObject({ accepted: 3, rejected: 0 });
  });

  it('gives missing and unreadable times the time of arrival, and puts impossible ones there', () => {
    const probe = new TallyProbe();
    const events = [{}, { ts: 'noon' }, { ts: '1970-01-01T00:00:00Z' }, { ts: iso(NEW_YEAR + 86_400 * 365 * 74) }];
    probe.receive(events, NEW_YEAR);
    const seen: number[] = [];
    probe.tally.eachMoved((_, second, counts) => seen.push(second - NEW_YEAR, counts.other));
    expect(seen).toEqual([0, 4]);
    expect(probe.tally.counters).toMatchObject({ accepted: 4, clamped: 2, time_unreadable: 1 });
  });

  it('takes events up to ten minutes ahead and ninety days back as they are', () => {
    const probe = new TallyProbe();
    const times = [NEW_YEAR + 600, NEW_YEAR - 86_400 * 90, NEW_YEAR + 601, NEW_YEAR - 86_400 * 90 - 1];
    probe.receive(
      times.map((ts) => anEvent(ts)),
      NEW_YEAR,
    );
    expect(probe.tally.counters['clamped']).toBe(2);
  });

  it('says from when to when a record reaches, by the times that its events count under', () => {
    const { tally } = new TallyProbe();
    const receivedAtMs = NEW_YEAR * 1000 + 7;
    const meta = { receivedAtMs, tenant: 'default', pinnedService: null, format: 'json' } as const;
    const within = tally.scan(meta, linesAt('2025-12-31T23:59:58.250Z', '2026-01-01T00:00:01.125Z'));
    expect([within.oldestMs, within.newestMs]).toEqual([NEW_YEAR * 1000 - 1750, NEW_YEAR * 1000 + 1125]);
    within.release();
    const impossible = tally.scan(meta, linesAt('1970-01-01T00:00:00Z', '2026-01-01T00:00:00.000Z'));
    expect([impossible.oldestMs, impossible.newestMs]).toEqual([NEW_YEAR * 1000, receivedAtMs]);
  });

  it('counts a pinned key under its service whatever the events say', () => {
    const probe = new TallyProbe();
    probe.receive([anEvent(NEW_YEAR), { msg: 'no service' }], NEW_YEAR, 'checkout');
    probe.receive({ msg: 'no service' }, NEW_YEAR);
    expect(probe.found.map(({ service }) => service)).toEqual(['checkout', 'unknown']);
  });

  it('knows a service again however its name is spelt in JSON', () => {
    const probe = new TallyProbe();
    const spellings = ['"caf\u00e9"', String.raw`"caf\u00e9"`, String.raw`"\u0063af\u00e9"`];
    for (const spelling of spellings) probe.receive(`{"service":${spelling}}`, NEW_YEAR);
    // The bytes of the second are the name of the first, which is another service.
    probe.receive(String.raw`{"service":"a\\\\b"}`, NEW_YEAR);
    probe.receive(String.raw`{"service":"a\\b"}`, NEW_YEAR);
    expect(probe.found.map(({ service }) => service)).toEqual(['café', String.raw`a\\b`, String.raw`a\b`]);
  });

  it('accepts invalid UTF-8 and counts it, without losing a neighbour', () => {
    const probe = new TallyProbe();
    const { tally } = probe;
    const bad = Buffer.concat([Buffer.from('{"msg":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}\n{"msg":"ok"}')]);
    tally.apply(tally.scan({ receivedAtMs: 0, tenant: 'a', pinnedService: null, format: 'json' }, bad), 1);
    expect(tally.counters).toMatchObject({ accepted: 2, encoding_fixed: 1 });
  });

  it('keeps at most so many sources a tenant and counts the rest under __overflow__', () => {
    const probe = new TallyProbe(3);
    const services = ['a', 'b', 'a', 'c', 'd', 'e', 'b'];
    probe.receive(
      services.slice(0, 3).map((service) => anEvent(NEW_YEAR, { service })),
      NEW_YEAR,
    );
    probe.receive(
      services.slice(3).map((service) => anEvent(NEW_YEAR, { service })),
      NEW_YEAR,
    );
    expect(probe.found.map(({ service }) => service)).toEqual(['a', 'b', 'c', OVERFLOW_SERVICE]);
    expect(probe.tally.counters).toMatchObject({ accepted: 7, overflow: 2 });
  });

  it('leaves no trace of a batch that is released instead of applied', () => {
    const probe = new TallyProbe();
    const meta = { receivedAtMs: NEW_YEAR * 1000, tenant: 'default', pinnedService: null, format: 'json' } as const;
    probe.tally.scan(meta, Buffer.from(JSON.stringify(anEvent(NEW_YEAR, { service: 'ghost' })))).release();
    probe.receive(anEvent(NEW_YEAR), NEW_YEAR);
    expect(probe.found.map(({ service }) => service)).toEqual(['payment-service']);
    expect(probe.tally.takeDelta().deltas).toHaveLength(3);
  });

  it('counts nothing of a body that is broken as a whole, not even what came before', () => {
    const { tally } = new TallyProbe();
    const meta = { receivedAtMs: NEW_YEAR * 1000, tenant: 'a', pinnedService: null, format: 'elastic-bulk' } as const;
    const batch = tally.scan(meta, Buffer.from('{"create":{}}\n{"service":"ghost"}\n{"create":{}}\nx\nno action\n'));
    expect(batch).toMatchObject({ accepted: 0, rejected: 1, rejectedLines: [3], rows: 0, newNames: [] });
    expect(batch.errors).toMatchObject([{ line: 3, code: 'invalid_json' }]);
    batch.release();
  });

  it('counts events without a service under the default service of the request', () => {
    const probe = new TallyProbe();
    const { tally } = probe;
    const meta = { receivedAtMs: NEW_YEAR * 1000, tenant: 'a', pinnedService: null, format: 'json' } as const;
    tally.apply(tally.scan({ ...meta, defaultService: 'gateway' }, Buffer.from('{"msg":"m"}')), 1);
    tally.apply(tally.scan({ ...meta, pinnedService: 'pinned', defaultService: 'gateway' }, Buffer.from('{}')), 2);
    expect(probe.found.map(({ service }) => service)).toEqual(['gateway', 'pinned']);
  });

  it('gives a source the same id when the same record is replayed', () => {
    const [first, second] = [new TallyProbe(), new TallyProbe()];
    for (const probe of [first, second]) probe.receive(anEvent(NEW_YEAR), NEW_YEAR);
    expect(first.found[0]?.sourceId).toBe(second.found[0]?.sourceId);
    expect(first.found[0]?.sourceId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });
});

describe('tally: closing seconds', () => {
  it('closes by event time two seconds behind, in order, with zeros between', () => {
    const probe = new TallyProbe();
    probe.receive([anEvent(NEW_YEAR), anEvent(NEW_YEAR + 2), anEvent(NEW_YEAR)], NEW_YEAR + 9000);
    expect(probe.closedSeconds()).toEqual([]);
    probe.receive(anEvent(NEW_YEAR + 5), NEW_YEAR + 9000);
    expect(probe.closedSeconds()).toEqual([
      [0, 2],
      [1, 0],
      [2, 1],
    ]);
  });

  it('closes a live source by the clock three seconds behind, when it is silent too', () => {
    const probe = new TallyProbe();
    probe.receive(anEvent(NEW_YEAR), NEW_YEAR);
    probe.tally.tick((NEW_YEAR + 3.9) * 1000);
    expect(probe.closedSeconds()).toEqual([]);
    probe.tally.tick((NEW_YEAR + 6) * 1000);
    expect(probe.closedSeconds()).toEqual([
      [0, 1],
      [1, 0],
      [2, 0],
    ]);
  });

  it('goes through thousands of sources in turn, so that ingest waits for some of them only', () => {
    const probe = new TallyProbe();
    const services = Array.from({ length: 4500 }, (_, at) => anEvent(NEW_YEAR, { service: `service-${at}` }));
    probe.receive(services, NEW_YEAR);
    const looked: number[] = [];
    const closed: number[] = [];
    for (let step = 0; step < 4; step++) {
      let sources = 0;
      probe.tally.eachMoved(() => sources++);
      looked.push(sources);
    }
    for (let step = 0; step < 7; step++) {
      probe.tally.tick((NEW_YEAR + 4) * 1000);
      closed.push(probe.closed.length);
    }
    expect(looked).toEqual([2000, 2000, 500, 0]);
    expect(closed).toEqual([800, 1600, 2400, 3200, 4000, 4500, 4500]);
    expect(new Set(probe.closed.map(({ service }) => service)).size).toBe(4500);
  });

  it('shows an open second again only when its source has spoken or a second of it has closed', () => {
    const probe = new TallyProbe();
    const seen = (): [string, number][] => {
      const all: [string, number][] = [];
      probe.tally.eachMoved(({ service }, _, { info }) => all.push([service, info]));
      return all;
    };
    probe.receive([anEvent(NEW_YEAR + 1), anEvent(NEW_YEAR + 1, { service: 'cart' })], NEW_YEAR + 1);
    expect(seen()).toEqual([
      ['payment-service', 1],
      ['cart', 1],
    ]);
    expect(seen()).toEqual([]);
    probe.receive(anEvent(NEW_YEAR + 1, { service: 'cart' }), NEW_YEAR + 1);
    expect(seen()).toEqual([['cart', 2]]);
    probe.receive(anEvent(NEW_YEAR + 2, { service: 'cart' }), NEW_YEAR + 2);
    seen();
    probe.tally.tick((NEW_YEAR + 5) * 1000);
    expect(seen()).toEqual([['cart', 1]]);
  });

  it('reads the same body to the same counts as a small batch and as a large one, whatever was read before', () => {
    const probe = new TallyProbe();
    const some = [0, 1, 0, 2, 1].map((second, at) => anEvent(NEW_YEAR + second, { service: `s${at % 3}` }));
    const meta = { receivedAtMs: NEW_YEAR * 1000, tenant: 'default', pinnedService: null, format: 'json' } as const;
    const text = some.map((event) => JSON.stringify(event)).join('\n');
    const countsOf = (body: string) => {
      const batch = probe.tally.scan(meta, Buffer.from(body));
      const { isSmall, accepted, rows } = batch;
      const counts = { accepted, rows, seconds: [...batch.rowSecond.subarray(0, rows)], lines: batch.lines.size };
      batch.release();
      return { isSmall, counts };
    };
    const small = countsOf(text);
    const large = countsOf(text + '\n'.repeat(5000));
    expect([small.isSmall, large.isSmall]).toEqual([true, false]);
    expect(large.counts).toEqual(small.counts);
    expect(countsOf(text)).toEqual(small);
    expect(small.counts).toMatchObject({ accepted: 5, rows: 4, lines: 1 });
  });

  it('lets no clock time pass for history', () => {
    const probe = new TallyProbe();
    probe.receive(anEvent(NEW_YEAR), NEW_YEAR + 61);
    probe.tally.tick((NEW_YEAR + 1000) * 1000);
    expect(probe.closedSeconds()).toEqual([]);
  });

  it('is not pushed ahead by a sender whose clock is fast', () => {
    const probe = new TallyProbe();
    probe.receive([anEvent(NEW_YEAR), anEvent(NEW_YEAR + 300)], NEW_YEAR);
    probe.receive(anEvent(NEW_YEAR + 1), NEW_YEAR + 1);
    expect(probe.tally.counters['late']).toBe(0);
    expect(probe.closedSeconds()).toEqual([]);
  });

  it('says null for blind seconds, except where events came all the same', () => {
    const probe = new TallyProbe();
    for (const second of [1, 2, 3]) probe.blind.add(NEW_YEAR + second);
    probe.receive([anEvent(NEW_YEAR), anEvent(NEW_YEAR + 2), anEvent(NEW_YEAR + 6)], NEW_YEAR + 6);
    expect(probe.closedSeconds()).toEqual([
      [0, 1],
      [1, null],
      [2, 1],
      [3, null],
    ]);
  });

  it('jumps over a week without events in an hour of zeros and one null', () => {
    const probe = new TallyProbe();
    const week = NEW_YEAR + 7 * 86_400;
    probe.receive([anEvent(NEW_YEAR), anEvent(week)], week + 3600);
    probe.receive(anEvent(week + 3), week + 3600);
    expect(probe.closed).toHaveLength(1 + 3600 + 1 + 2 + 1);
    expect(probe.closedSeconds().slice(-4)).toEqual([
      [3601, null],
      [7 * 86_400 - 2, 0],
      [7 * 86_400 - 1, 0],
      [7 * 86_400, 1],
    ]);
  });

  it('counts late events in the totals but does not close their second again', () => {
    const probe = new TallyProbe();
    probe.receive([anEvent(NEW_YEAR), anEvent(NEW_YEAR + 5)], NEW_YEAR + 5);
    const before = probe.closed.length;
    probe.receive(anEvent(NEW_YEAR + 1), NEW_YEAR + 5);
    expect(probe.closed).toHaveLength(before);
    expect(probe.tally.counters['late']).toBe(1);
    expect(volume(probe.tally.takeDelta(), 0)).toBe(3);
  });

  it('waits for a shipper that flushes every ten seconds, and not for a straggler', () => {
    const probe = new TallyProbe();
    /** Everything of ten seconds arrives at their end, while the clock ticks. */
    const flush = (round: number) => {
      const start = NEW_YEAR + round * 10;
      for (let second = 0; second < 10; second++) probe.tally.tick((start + second) * 1000);
      probe.receive(
        Array.from({ length: 10 }, (_, second) => anEvent(start + second)),
        start + 10,
      );
    };
    for (let round = 0; round < 5; round++) flush(round);
    const late = probe.tally.counters['late'];
    for (let round = 5; round < 30; round++) flush(round);
    expect(probe.tally.counters['late']).toBe(late);

    const punctual = new TallyProbe();
    for (let second = 0; second < 20; second++) punctual.receive(anEvent(NEW_YEAR + second), NEW_YEAR + second);
    punctual.receive([...Array.from({ length: 9 }, () => anEvent(NEW_YEAR + 20)), anEvent(NEW_YEAR)], NEW_YEAR + 20);
    punctual.tally.tick((NEW_YEAR + 24) * 1000);
    expect(punctual.closedSeconds().at(-1)).toEqual([20, 9]);
  });
});

describe('tally: clocks and shippers that are not right', () => {
  it('gives a shipper that catches up after an outage the time it needs: its backlog is no dip', () => {
    const probe = new TallyProbe();
    // Ten minutes behind at first, then ever closer: each flush holds the next five seconds.
    let position = NEW_YEAR - 600;
    for (let clock = 0; clock < 200; clock++) {
      const now = NEW_YEAR + clock;
      const until = Math.min(now, position + 5);
      const lines = Array.from({ length: until - position }, (_, second) => anEvent(position + second));
      if (lines.length > 0) probe.receive(lines, now);
      position = until;
      probe.tally.tick((now + 0.9) * 1000);
    }
    expect(probe.tally.counters['late']).toBe(0);
    expect(probe.closedSeconds().filter(([, counts]) => counts !== 1)).toEqual([]);
    expect(probe.closed.length).toBeGreaterThan(700);
  });

  it('goes on at once when its clock, which had jumped an hour ahead, is set right again', () => {
    const probe = new TallyProbe();
    const speak = (second: number, clock = second) => {
      probe.receive(anEvent(second), clock);
      probe.tally.tick((clock + 0.5) * 1000);
    };
    for (let second = 0; second < 60; second++) speak(NEW_YEAR + second);
    for (let second = 60; second < 120; second++) speak(NEW_YEAR + second, NEW_YEAR + second + 3600);
    const lateBefore = probe.tally.counters['late'];
    const closedBefore = probe.closed.length;
    for (let second = 120; second < 180; second++) speak(NEW_YEAR + second);
    expect(probe.tally.counters['late']).toBe(lateBefore);
    expect(
      probe
        .closedSeconds()
        .slice(closedBefore)
        .filter(([, counts]) => counts === 1).length,
    ).toBeGreaterThan(50);
  });
});

/** Events in the deltas of one level. */
function volume(delta: TallyDelta, level: number): number {
  let events = 0;
  for (const { block, ...rest } of delta.deltas) {
    if (rest.level !== level) continue;
    for (let slot = 0; slot < block.slots; slot++) {
      const { bytes, ...counts } = block.counts(slot);
      events += bytes > 0 ? Object.values(counts).reduce((sum, count) => sum + count, 0) : 0;
    }
  }
  return events;
}

/** What a store makes of committed deltas: additive blocks, the newest progress. */
function stored(deltas: readonly TallyDelta[]): Map<string, number[]> {
  const blocks = new Map<string, FrameBlock>();
  for (const { sourceId, level, start, block } of deltas.flatMap((delta) => delta.deltas)) {
    const key = `${sourceId}/${level}/${start}`;
    const sum = blocks.get(key) ?? new FrameBlock(block.slots);
    sum.merge(block);
    blocks.set(key, sum);
  }
  return new Map([...blocks].map(([key, { cells }]) => [key, [...cells]]));
}

describe('tally: checkpoints', () => {
  it('gives every event once at each level, however often a checkpoint is taken or fails', () => {
    const event = fc.record({
      second: fc.integer({ min: 0, max: 200_000 }),
      service: fc.constantFrom('payment-service', 'order-service'),
      level: fc.constantFrom('info', 'error', 'odd'),
    });
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.array(event, { minLength: 1, maxLength: 6 }) },
      { weight: 1, arbitrary: fc.constantFrom('commit' as const, 'fail' as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), (steps) => {
        const [checkpointed, plain] = [new TallyProbe(), new TallyProbe()];
        const committed: TallyDelta[] = [];
        for (const now of steps) {
          if (now === 'commit') committed.push(checkpointed.tally.takeDelta());
          else if (now === 'fail') checkpointed.tally.giveBack(checkpointed.tally.takeDelta());
          else {
            const events = now.map(({ second, ...rest }) => anEvent(NEW_YEAR + second, rest));
            for (const probe of [checkpointed, plain]) probe.receive(events, NEW_YEAR + 300_000);
          }
        }
        committed.push(checkpointed.tally.takeDelta());
        const whole = plain.tally.takeDelta();
        expect(stored(committed)).toEqual(stored([whole]));
        expect(committed.flatMap(({ newSources }) => newSources.map(({ sourceId }) => sourceId))).toEqual(
          whole.newSources.map(({ sourceId }) => sourceId),
        );
        for (const level of [0, 1, 2]) {
          expect(committed.reduce((sum, delta) => sum + volume(delta, level), 0)).toBe(whole.counters['accepted']);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('gives the same blocks however the lines are cut into bodies', () => {
    const event = fc.record({ second: fc.nat(5000), service: fc.constantFrom('a', 'b', 'c') });
    fc.assert(
      fc.property(
        fc.array(event, { minLength: 1, maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 9 })),
        (events, cuts) => {
          const lines = events.map(({ second, service }) => anEvent(NEW_YEAR + second, { service }));
          const [whole, cut] = [new TallyProbe(), new TallyProbe()];
          whole.receive(lines, NEW_YEAR + 9000);
          for (let at = 0, turn = 0; at < lines.length; turn++) {
            const size = cuts[turn % Math.max(1, cuts.length)] ?? 1;
            cut.receive(lines.slice(at, at + size), NEW_YEAR + 9000);
            at += size;
          }
          expect(stored([cut.tally.takeDelta()])).toEqual(stored([whole.tally.takeDelta()]));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('goes on after a restore as if nothing had happened', () => {
    const before = new TallyProbe();
    before.receive([anEvent(NEW_YEAR), anEvent(NEW_YEAR + 61), anEvent(NEW_YEAR + 62)], NEW_YEAR + 62);
    const delta = before.tally.takeDelta();
    const after = new TallyProbe();
    after.tally.restore(restoredFrom(delta));
    expect(after.tally.sources[0]).toMatchObject({ service: 'payment-service', live: true, index: 0 });
    expect(openOf(after.tally)).toEqual(openOf(before.tally));
    for (const probe of [before, after]) {
      probe.closed.length = 0;
      probe.receive([anEvent(NEW_YEAR + 62), anEvent(NEW_YEAR + 66)], NEW_YEAR + 66);
      probe.tally.tick((NEW_YEAR + 70) * 1000);
    }
    expect(after.closed).toEqual(before.closed);
    expect(after.found).toEqual([]);
    expect(after.tally.counters).toEqual(before.tally.counters);
    expect(stored([after.tally.takeDelta()])).toEqual(stored([before.tally.takeDelta()]));
  });

  it('shows what is not committed yet, and takes it all at once', () => {
    const probe = new TallyProbe();
    probe.receive([anEvent(NEW_YEAR), anEvent(NEW_YEAR + 70)], NEW_YEAR + 70);
    const [source] = probe.found;
    expect(probe.tally.pendingOf(source?.sourceId ?? '').map(({ level }) => level)).toEqual([0, 0, 1, 2]);
    probe.tally.takeDelta();
    expect(probe.tally.pendingOf(source?.sourceId ?? '')).toEqual([]);
    expect(probe.tally.takeDelta()).toMatchObject({ newSources: [], progress: [], deltas: [] });
  });
});

function restoredFrom(delta: TallyDelta): RestoredState {
  return {
    lsn: delta.lsn,
    atMs: 0,
    sources: delta.newSources.map((row) => {
      const progress = delta.progress.find(({ sourceId }) => sourceId === row.sourceId);
      if (progress === undefined) throw new Error('a new source has no progress');
      return { ...row, ...progress };
    }),
    openMinutes: delta.deltas.filter(({ level }) => level === 0),
    watches: new Map(),
    openAnomalies: [],
    counters: delta.counters,
    templates: restoredTemplates(delta.templates),
  };
}

function openOf(tally: Tally): (string | number)[] {
  const open: (string | number)[] = [];
  tally.eachMoved(({ service }, second, counts) => open.push(service, second, counts.info, counts.bytes));
  return open;
}
