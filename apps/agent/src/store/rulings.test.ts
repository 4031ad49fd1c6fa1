import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BaselineVersion, Exclusion } from '@sentinellog/shared';
import { anAnomaly } from '@sentinellog/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAnomaly, readJudgedAnomalies, writeAnomalies } from './anomalies.ts';
import { readBaselineState, readBaselineVersions, saveBaselineVersion } from './baseline-versions.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
import { migrate } from './migrations/migrate.ts';
import { Database } from './postgres.ts';
import { addExclusion, readExclusions, removeExclusion, saveVerdict } from './rulings.ts';
import { addSources, patchSource } from './sources.ts';
import { silentLog } from './testing/silent-log.ts';

const NOW = 1_767_229_200_000;
const BY = { actor: 'maria (Ab3dE6gH)', atMs: NOW };
const ANOMALY = anAnomaly();
const PAYMENT = ANOMALY.source_id;

let dataDir: string;
let server: EmbeddedPostgres;
let database: Database;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sentinellog-rulings-'));
  server = await startEmbeddedPostgres({ dataDir, log: silentLog });
  database = new Database(() => server.address(), silentLog);
  await database.connect();
  await migrate(database, silentLog, NOW);
});
afterAll(async () => {
  await database.close();
  await server.stop();
  await rm(dataDir, { recursive: true });
});

const audit = () => database.query('SELECT action, detail FROM audit_entry ORDER BY seq');

function judge(verdict: 'real' | 'noise' | null): Promise<void> {
  return saveVerdict(database, { eventId: ANOMALY.event_id, sourceId: PAYMENT, verdict }, BY);
}

function version(number: number): BaselineVersion {
  return {
    version_id: `01996f00-0000-7000-8000-0000000000${String(number).padStart(2, '0')}`,
    source_id: PAYMENT,
    made_at_ms: NOW + number,
    through_ms: NOW,
    engine: '1.2.0',
    why: 'daily',
    learnt_hours: 24,
    expected: [{ signal: 'volume', rate: 4.7, dispersion: 1.3, relative: 0.05 }],
    bytes: 3,
  };
}

describe('a verdict', () => {
  it('is stored before its anomaly is, is part of it from then on, and outlives its next change', async () => {
    await judge('real');
    await database.transaction((transaction) => writeAnomalies(transaction, [ANOMALY], NOW));
    await database.transaction((transaction) =>
      writeAnomalies(transaction, [{ ...ANOMALY, state: 'recovered', verdict: 'real' }], NOW),
    );
    expect(await readAnomaly(database, ANOMALY.event_id)).toMatchObject({ state: 'recovered', verdict: 'real' });
    expect(await readJudgedAnomalies(database, 0)).toHaveLength(1);
    expect(await readJudgedAnomalies(database, ANOMALY.started_at_ms + 1)).toEqual([]);
  });

  it('leaves an entry in the audit with every change, and none when nothing changes', async () => {
    for (const verdict of ['real', 'noise', 'noise', null, null] as const) await judge(verdict);
    expect(await audit()).toEqual([
      { action: 'anomaly.verdict', detail: { before: null, after: 'real' } },
      { action: 'anomaly.verdict', detail: { before: 'real', after: 'noise' } },
      { action: 'anomaly.verdict', detail: { before: 'noise', after: null } },
    ]);
    expect(await readAnomaly(database, ANOMALY.event_id)).not.toHaveProperty('verdict');
    expect(await readJudgedAnomalies(database, 0)).toEqual([]);
  });

  it('given by two at once is given once', async () => {
    await Promise.all(Array.from({ length: 8 }, () => judge('real')));
    expect((await audit()).filter(({ action }) => action === 'anomaly.verdict')).toHaveLength(4);
  });
});

describe('an exclusion', () => {
  const exclusion: Exclusion = {
    exclusion_id: '01996f00-0000-7000-8000-00000000000e',
    source_id: PAYMENT,
    signal: null,
    from_ms: NOW - 86_400_000,
    to_ms: NOW,
    reason: 'public holiday\0',
    created_by: BY.actor,
    created_at_ms: NOW,
  };

  it('is read back as it was given, and removed once', async () => {
    await addExclusion(database, exclusion);
    expect(await readExclusions(database, NOW - 1)).toEqual([exclusion]);
    expect(await readExclusions(database, NOW + 1)).toEqual([]);
    expect(await removeExclusion(database, exclusion.exclusion_id, BY)).toBe(true);
    expect(await removeExclusion(database, exclusion.exclusion_id, BY)).toBe(false);
    expect((await audit()).slice(-2).map(({ action }) => action)).toEqual(['exclusion.create', 'exclusion.delete']);
  });
});

describe('saved states of what a source has learnt', () => {
  it('come back to the bit, newest first, and no more than ten of them', async () => {
    for (let number = 1; number <= 12; number++)
      await saveBaselineVersion(database, { version: version(number), state: Uint8Array.of(1, 2, number) });
    const versions = await readBaselineVersions(database, PAYMENT);
    expect(versions.map(({ made_at_ms }) => made_at_ms - NOW)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
    const saved = await readBaselineState(database, PAYMENT, version(7).version_id);
    expect(saved?.version).toEqual(version(7));
    expect([...(saved?.state ?? [])]).toEqual([1, 2, 7]);
    expect(await readBaselineState(database, PAYMENT, version(1).version_id)).toBeUndefined();
  });
});

describe('the sensitivity of a source', () => {
  it('is any number of σ, until one of the three takes it away', async () => {
    await database.transaction((transaction) =>
      addSources(transaction, [{ sourceId: PAYMENT, tenant: 'default', service: 'payment-service', firstSeenMs: NOW }]),
    );
    const patch = async (change: object) => (await patchSource(database, PAYMENT, change, BY))?.sigma;
    expect(await patch({ sigma: 2.75 })).toBe(2.75);
    expect(await patch({ time_zone: 'Europe/Berlin' })).toBe(2.75);
    expect(await patch({ sensitivity: 'high' })).toBeNull();
    expect(await patch({ sensitivity: 'high', sigma: 4.5 })).toBe(4.5);
    expect(await patch({ sigma: null })).toBeNull();
  });
});
