import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BlockLevel, type FrameColumn, FRAME_COLUMNS, FrameBlock } from '@sentinellog/shared';
import { anAnomaly } from '@sentinellog/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BlockDelta, Checkpoint, SourceProgress } from '../pipeline/checkpoint.ts';
import { TemplateBlock } from '../pipeline/template-block.ts';
import { NO_TEMPLATES } from '../pipeline/testing/no-templates.ts';
import { openStore, type Store } from './store.ts';
import { StoreRefused } from './store-errors.ts';
import { silentLog } from './testing/silent-log.ts';

const PAYMENT = '01996f00-0000-7000-8000-000000000001';
const ORDER = '01996f00-0000-7000-8000-000000000002';
const MINUTE = 1_767_229_200;
const NOW = MINUTE * 1000;

let dataDir: string;
let store: Store;
const open = () => openStore({ config: { dataDir, database: {} }, log: silentLog, now: () => NOW });

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sentinellog-store-'));
  store = await open();
});
afterAll(async () => {
  await store.close();
  await rm(dataDir, { recursive: true });
});

function delta(
  sourceId: string,
  start: number,
  counts: Partial<Record<FrameColumn, number>>,
  level: BlockLevel = 0,
): BlockDelta {
  const block = new FrameBlock(level === 2 ? 24 : 60);
  for (const [column, count] of Object.entries(counts))
    block.add(5, FRAME_COLUMNS.indexOf(column as FrameColumn), count);
  return { sourceId, level, start, block };
}

function progress(sourceId: string, closedThrough: number): SourceProgress {
  return { sourceId, closedThrough, firstSeenMs: NOW - 5000, lastSeenMs: NOW, live: true };
}

function checkpoint(overrides: Partial<Checkpoint> = {}): Checkpoint {
  return {
    lsn: 4096,
    atMs: NOW,
    newSources: [],
    progress: [],
    deltas: [],
    expected: [],
    watches: new Map(),
    tail: { place: 0, bodies: [], neededFrom: 0 },
    anomalies: [],
    counters: {},
    templates: NO_TEMPLATES,
    blind: [],
    ...overrides,
  };
}

const stored = async (sourceId: string, level: BlockLevel = 0) => {
  const frames = await store.frames({ sourceIds: [sourceId], level, fromSecond: 0, toSecond: MINUTE + 86_400 });
  return frames.reduce((sum, { block }) => sum + block.get(5, 'info'), 0);
};

describe('store', () => {
  it('finds nothing on its first start', async () => {
    expect(await store.restore()).toEqual({
      lsn: 0,
      atMs: null,
      counters: {},
      sources: [],
      openMinutes: [],
      watches: new Map(),
      tails: [],
      ruleState: null,
      openAnomalies: [],
      templates: { miner: null, templates: [], aliases: [], uses: new Map(), openMinutes: [] },
    });
    expect(store.state).toBe('up');
  });

  it('comes back after a restart to exactly what the last checkpoint left', async () => {
    const open1 = anAnomaly({ source_id: PAYMENT });
    const over = anAnomaly({
      event_id: '01996f00-0000-7000-8000-00000000000b',
      source_id: PAYMENT,
      state: 'recovered',
    });
    await store.commit(
      checkpoint({
        lsn: 9_007_199_254_740_000,
        newSources: [
          { sourceId: PAYMENT, tenant: 'default', service: 'payment-service', firstSeenMs: NOW - 5000 },
          { sourceId: ORDER, tenant: 'default', service: 'order\0service', firstSeenMs: NOW - 4000 },
        ],
        progress: [progress(PAYMENT, MINUTE + 61), progress(ORDER, MINUTE)],
        deltas: [
          delta(PAYMENT, MINUTE, { info: 3, bytes: 2 ** 40 }),
          delta(PAYMENT, MINUTE + 60, { info: 7, error: 1 }),
          delta(PAYMENT, MINUTE + 120, { info: 1 }),
          delta(PAYMENT, MINUTE - (MINUTE % 3600), { info: 11 }, 1),
          delta(ORDER, MINUTE, { warn: 2 }),
        ],
        watches: new Map([[PAYMENT, Uint8Array.of(1, 0, 255)]]),
        anomalies: [open1, over],
        counters: { accepted: 2000, late: 3 },
      }),
    );
    await store.close();
    store = await open();
    const state = await store.restore();
    expect(state).toMatchObject({ lsn: 9_007_199_254_740_000, atMs: NOW, counters: { accepted: 2000, late: 3 } });
    expect(state.sources).toEqual([
      { ...progress(PAYMENT, MINUTE + 61), tenant: 'default', service: 'payment-service' },
      { ...progress(ORDER, MINUTE), tenant: 'default', service: 'order\0service' },
    ]);
    // The minute before closedThrough is done; the one that holds it and the one after are not.
    expect(state.openMinutes.map(({ sourceId, start, block }) => [sourceId, start, block.counts(5)])).toEqual([
      [PAYMENT, MINUTE + 60, { ...block0(), info: 7, error: 1 }],
      [PAYMENT, MINUTE + 120, { ...block0(), info: 1 }],
      [ORDER, MINUTE, { ...block0(), warn: 2 }],
    ]);
    expect([...state.watches].map(([id, body]) => [id, [...body]])).toEqual([[PAYMENT, [1, 0, 255]]]);
    expect(state.openAnomalies).toEqual([open1]);
  });

  it('keeps tails until no source needs them, each place once, and the newest state of the rules', async () => {
    const put = (place: number, neededFrom: number, ...bytes: number[]) =>
      store.commit(
        checkpoint({
          tail: { place, neededFrom, bodies: bytes.map((byte) => Uint8Array.of(byte)) },
          ruleState: Uint8Array.of(place),
        }),
      );
    await put(10, 10, 1, 2);
    await put(11, 10, 3);
    await put(11, 10, 3, 4);
    await put(12, 11, 5);
    const { tails = [], ruleState } = await store.restore();
    expect(tails.map(({ place, body }) => [place, ...body])).toEqual([
      [11, 3],
      [11, 4],
      [12, 5],
    ]);
    expect([...(ruleState ?? [])]).toEqual([12]);
  });

  it('comes back, too, when the clock was 400 days ahead for a while', async () => {
    const SKEWED = '01996f00-0000-7000-8000-0000000000aa';
    const ahead = MINUTE + 400 * 86_400;
    await store.commit(
      checkpoint({
        newSources: [{ sourceId: SKEWED, tenant: 'default', service: 'skewed-service', firstSeenMs: NOW }],
        progress: [progress(SKEWED, MINUTE + 61)],
        deltas: [
          delta(SKEWED, MINUTE, { info: 3 }),
          delta(SKEWED, MINUTE + 60, { info: 7 }),
          delta(SKEWED, ahead, { info: 9 }),
        ],
      }),
    );
    await store.close();
    store = await open();
    const { openMinutes } = await store.restore();
    const skewed = openMinutes.filter(({ sourceId }) => sourceId === SKEWED);
    expect(skewed.map(({ start, block }) => [start, block.counts(5).info])).toEqual([
      [MINUTE + 60, 7],
      [ahead, 9],
    ]);
  });

  it('keeps templates, what merged, who uses them and how often, and what people made of them', async () => {
    const id = '00c0ffee00c0ffee';
    const row = { templateId: id, text: 'say \0 <*>', codes: [7, 0], texts: ['say \0', ' <*>'], isGeneralised: false };
    const block = new TemplateBlock();
    block.add(id, 5, 3);
    const body = block.encode();
    const templates = {
      miner: { lines: 3, nextId: 2, live: [{ id: 1, templateId: id, hits: 3, weight: 1.5, lastLine: 3 }] },
      templates: [{ ...row, examples: ['say \0 1', 'say \0 2'] }],
      aliases: [{ from: '00000000000000aa', to: id }],
      uses: new Map([[PAYMENT, Uint8Array.of(1, 0)]]),
      blocks: [{ sourceId: PAYMENT, level: 0, start: MINUTE + 120, body }] as const,
    };
    await store.commit(checkpoint({ templates }));
    // One that comes back after it was given up has forgotten its examples.
    await store.commit(checkpoint({ templates: { ...templates, templates: [{ ...row, examples: ['say \0 9'] }] } }));
    expect(await store.saveTemplateMark({ templateId: id, name: 'Sayings', pinned: true }, 'Ada')).toBe(true);
    expect(await store.saveTemplateMark({ templateId: 'ffff', name: null, pinned: true }, 'Ada')).toBe(false);
    await store.saveTemplateMerge({ from: ['00000000000000bb'], to: id }, 'Ada');
    expect(await store.templateMarks()).toEqual({
      marks: [{ templateId: id, name: 'Sayings', pinned: true }],
      merges: [{ from: '00000000000000bb', to: id }],
    });
    await store.saveTemplateMerge({ from: ['00000000000000bb'], to: null }, 'Ada');
    expect((await store.templateMarks()).merges).toEqual([]);

    await store.close();
    store = await open();
    const restored = (await store.restore()).templates;
    expect(restored).toMatchObject({
      miner: templates.miner,
      templates: templates.templates,
      aliases: templates.aliases,
    });
    expect([...restored.uses]).toEqual(
      [[PAYMENT, Uint8Array.of(1, 0)]].map(([key, value]) => [key, Buffer.from(value)]),
    );
    expect(restored.openMinutes.map((kept) => [...TemplateBlock.decode(kept.body).rows])).toEqual([[[id, [5, 6]]]]);
    const query = { sourceIds: [PAYMENT], level: 0, fromSecond: MINUTE, toSecond: MINUTE + 600 } as const;
    expect(await store.templateBlocks(query)).toHaveLength(1);
  });

  it('adds deltas to what is stored, also when one commit names a block twice', async () => {
    const before = await stored(ORDER);
    await store.commit(checkpoint({ deltas: [delta(ORDER, MINUTE, { info: 10 }), delta(ORDER, MINUTE, { info: 5 })] }));
    await store.commit(checkpoint({ deltas: [delta(ORDER, MINUTE, { info: 1 })] }));
    expect((await stored(ORDER)) - before).toBe(16);
  });

  it('adds nothing of a commit that fails in its last statement', async () => {
    const before = await stored(ORDER);
    const failing = checkpoint({ deltas: [delta(ORDER, MINUTE, { info: 100 })], lsn: 2 ** 70 });
    await expect(store.commit(failing)).rejects.toThrow();
    expect(await stored(ORDER)).toBe(before);
  });

  it('gives out the blocks that touch a range, of the sources and the level asked for', async () => {
    const starts = async (fromSecond: number, toSecond: number) =>
      (await store.frames({ sourceIds: [PAYMENT], level: 0, fromSecond, toSecond })).map(({ start }) => start - MINUTE);
    expect(await starts(MINUTE, MINUTE + 60)).toEqual([0]);
    expect(await starts(MINUTE + 59, MINUTE + 61)).toEqual([0, 60]);
    expect(await starts(MINUTE + 60, MINUTE + 10_000)).toEqual([60, 120]);
    expect(await stored(PAYMENT, 1)).toBe(11);
  });

  it('gives back what was expected, minute by minute across hours, the latest value of each', async () => {
    const at = (minute: number, rate: number) =>
      ({ sourceId: PAYMENT, signal: 'volume', minute, rate, dispersion: 1.5, relative: 0.25, sigma: 3 }) as const;
    const hour = MINUTE - (MINUTE % 3600);
    await store.commit(
      checkpoint({
        expected: [
          at(hour + 3420, 1),
          at(hour + 3540, 2),
          at(hour + 3600, 4),
          { ...at(hour + 3540, 0.5), signal: 'error_rate' },
        ],
      }),
    );
    await store.commit(checkpoint({ expected: [at(hour + 3540, 8), at(hour + 3480, 16)] }));
    const range = { sourceIds: [PAYMENT, ORDER], fromSecond: hour, toSecond: hour + 7200 };
    const volume = await store.expected({ ...range, signal: 'volume' });
    expect(volume).toEqual([at(hour + 3420, 1), at(hour + 3480, 16), at(hour + 3540, 8), at(hour + 3600, 4)]);
    expect(await store.expected({ ...range, signal: 'error_rate', fromSecond: hour + 3599 })).toHaveLength(1);
    expect(await store.expected({ ...range, signal: 'volume', toSecond: hour + 3600 })).toHaveLength(3);
    const slow = { sourceId: PAYMENT, minute: hour, p99: 512, usual: 180.5, spread: 0.125, sigma: 3 };
    const unlearnt = { ...slow, minute: hour + 60, usual: Number.NaN };
    await store.commit(checkpoint({ latency: [slow, unlearnt] }));
    expect(await store.latency(range)).toEqual([slow, unlearnt]);
  });

  it('joins blind stretches that overlap', async () => {
    await store.commit(
      checkpoint({
        blind: [
          { from: 100, to: 200 },
          { from: 150, to: 260 },
          { from: 300, to: 310 },
        ],
      }),
    );
    await store.commit(checkpoint({ blind: [{ from: 100, to: 200 }] }));
    expect(await store.blind(0, 1000)).toEqual([
      { from: 100, to: 260 },
      { from: 300, to: 310 },
    ]);
    expect(await store.blind(260, 300)).toEqual([]);
  });

  it('keeps sample lines that no PostgreSQL text can hold', async () => {
    const nasty = anAnomaly({
      event_id: '01996f00-0000-7000-8000-00000000000c',
      reason: 'half a smile: \uD83D',
      raw_data_sample: [{ at_ms: NOW, level: 'error', message: 'before\0after \uDE00 C:\\u0000 😀', trace_id: '\0' }],
    });
    await store.commit(checkpoint({ anomalies: [nasty] }));
    expect(await store.anomaly(nasty.event_id)).toEqual(nasty);
  });

  it('sets an anomaly aside that the database refuses, and keeps its neighbours', async () => {
    const good = anAnomaly({ event_id: '01996f00-0000-7000-8000-00000000000d', reason: 'good neighbour' });
    const bad = anAnomaly({ event_id: 'not-a-uuid' });
    const worse = anAnomaly({ event_id: '01996f00-0000-7000-8000-00000000000e', observed: Number.NaN });
    await store.commit(checkpoint({ anomalies: [bad, good, worse] }));
    expect(await store.anomaly(good.event_id)).toEqual(good);
    expect(await store.anomaly(worse.event_id)).toBeUndefined();
    expect(store.deadLetters).toBe(2);
  });

  it('keeps refused events as they came, newest first, and only the newest', async () => {
    const letter = (n: number) => ({
      atMs: NOW + n,
      tenant: 'default',
      keyId: 'key-1',
      code: 'schema_violation',
      detail: 'the field "level" is missing',
      event: `{"n":${n},"text":"\0 \ud800"}`,
    });
    await store.addRefusedEvents(Array.from({ length: 5 }, (_, n) => letter(n)));
    const first = await store.refusedEventPage(3);
    expect(first.letters.map(({ event }) => event)).toEqual([4, 3, 2].map((n) => letter(n).event));
    const second = await store.refusedEventPage(3, first.nextCursor!);
    expect(second.letters.map(({ at_ms }) => at_ms)).toEqual([NOW + 1, NOW]);
    expect(second.nextCursor).toBeNull();
  });

  it('pages through anomalies by start, without gap or repetition', async () => {
    const source_id = '01996f00-0000-7000-8000-0000000000aa';
    const made = Array.from({ length: 25 }, (_, i) =>
      anAnomaly({
        event_id: `01996f00-0000-7000-8000-0000000001${i.toString().padStart(2, '0')}`,
        source_id,
        // Three at a time start in the same millisecond.
        started_at_ms: NOW + Math.floor(i / 3) * 1000,
      }),
    );
    await store.commit(checkpoint({ anomalies: made }));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.anomalies({ sourceId: source_id, limit: 4, cursor });
      expect(page.anomalies.length).toBeLessThanOrEqual(4);
      seen.push(...page.anomalies.map(({ event_id }) => event_id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(made.map(({ event_id }) => event_id).toReversed());
    const range = { sourceId: source_id, fromMs: NOW + 1000, toMs: NOW + 2000, limit: 100 };
    expect((await store.anomalies(range)).anomalies).toHaveLength(3);
    await expect(store.anomalies({ limit: 4, cursor: "'; DROP TABLE anomaly" })).rejects.toThrow('start without it');
  });

  it('changes a source’s settings and writes who did it', async () => {
    const patched = await store.patchSource(PAYMENT, { sensitivity: 'high', tags: ['eu', 'pci'] }, 'maria');
    expect(patched).toMatchObject({ sensitivity: 'high', tags: ['eu', 'pci'], retention_days: 30, time_zone: 'UTC' });
    expect((await store.sources()).find(({ source_id }) => source_id === PAYMENT)).toEqual(patched);
    expect(
      await store.patchSource('01996f00-0000-7000-8000-0000000000ff', { sensitivity: 'low' }, 'maria'),
    ).toBeUndefined();
    await expect(store.patchSource(PAYMENT, { time_zone: 'Mars/Olympus' }, 'maria')).rejects.toThrow('IANA');
  });

  it('does not let a source that is known already lose its settings', async () => {
    await store.commit(
      checkpoint({
        newSources: [{ sourceId: PAYMENT, tenant: 'default', service: 'payment-service', firstSeenMs: NOW }],
      }),
    );
    expect((await store.sources()).find(({ source_id }) => source_id === PAYMENT)).toMatchObject({
      sensitivity: 'high',
    });
  });

  it('keeps clusters as they were found and arranged, with who did it, until their templates are gone', async () => {
    const cluster = {
      clusterId: 'c1',
      founderText: 'card declined\u0000 for <*>',
      name: null,
      pinned: false,
      mergedInto: null,
    };
    await store.saveClusters({
      clusters: [cluster],
      assignments: [{ templateId: 't1', clusterId: 'c1', byHand: false }],
    });
    const named = { ...cluster, name: 'Declined', pinned: true };
    const moved = { templateId: 't1', clusterId: 'c1', byHand: true };
    const deed = { actor: 'maria', action: 'cluster.patch', object: 'c1', detail: { name: 'Declined' } } as const;
    await store.saveClusters({ clusters: [named], assignments: [moved] }, deed);
    expect(await store.clusters()).toEqual({ clusters: [named], assignments: [moved] });
    // No template of that id was ever stored.
    expect(await store.sweep(NOW)).toMatchObject({ clusters: 0 });
    expect(await store.sweep(NOW + 2 * 86_400_000)).toMatchObject({ clusters: 1 });
    // What people have named stays.
    expect(await store.clusters()).toEqual({ clusters: [named], assignments: [] });
  });

  it('removes what is older than its retention, and nothing else', async () => {
    const longAgo = MINUTE - 31 * 86_400;
    await store.commit(checkpoint({ deltas: [delta(ORDER, longAgo - (longAgo % 60), { info: 1 })] }));
    const before = await stored(ORDER);
    expect(await store.sweep(NOW)).toMatchObject({ seconds: 1, minutes: 0, hours: 0, anomalies: 0 });
    expect(await stored(ORDER)).toBe(before - 1);
    expect(await store.sweep(NOW)).toMatchObject({ seconds: 0 });

    // After more than a year: what the miner has and what has a name stays, what nobody asks for goes.
    const later = NOW + 401 * 86_400_000;
    const rows = ['00000000000000a1', '00000000000000a2'].map((templateId) => {
      return { templateId, text: 'x', codes: [], texts: [], isGeneralised: false, examples: [] };
    });
    const live = [{ id: 1, templateId: '00000000000000a1', hits: 1, weight: 1, lastLine: 1 }];
    const templates = { ...NO_TEMPLATES, templates: rows, miner: { lines: 1, nextId: 2, live } };
    await store.commit(checkpoint({ templates }));
    expect(await store.sweep(later)).toMatchObject({ templates: 1, templateAliases: 1 });
  });

  it('refuses a second agent on the same data folder in one line', async () => {
    await expect(open()).rejects.toThrow(
      new StoreRefused(
        `${dataDir} is in use by another agent (process ${process.pid}); stop it, or choose another --data-dir`,
      ),
    );
    expect((await store.sources()).length).toBeGreaterThan(0);
  });
});

function block0(): Record<FrameColumn, number> {
  return new FrameBlock(60).counts(5);
}
