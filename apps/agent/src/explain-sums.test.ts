import { SeededRandom } from '@sentinellog/detector/testing';
import { BLOCK_LEVELS, eventsOf, type ExplainAgainst, type ExplainMessage, type FrameBlock } from '@sentinellog/shared';
import { aSource } from '@sentinellog/shared/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { ClusterDirectory } from './explain/cluster-directory.ts';
import { Explainer } from './explain/explainer.ts';
import type { BlockDelta } from './pipeline/checkpoint.ts';
import type { TemplateBlockDelta } from './pipeline/template-block.ts';
import { Tally } from './tally/tally.ts';
import { templateCountsReader } from './template-counts.ts';
import { TemplateDirectory } from './template-directory.ts';

/** Unix second of 2026-03-02T00:00:00Z; what is recorded is that day. */
const DAY_START = 1_772_409_600;
const DAY = 86_400;
const EVENTS = 48_000;
const RANGES = 1000;
const SERVICES = ['api', 'payments', 'orders'];

const SAYS: readonly ((random: SeededRandom) => string)[] = [
  (random) => `order ${Math.floor(random.uniform() * 1e6)} placed`,
  (random) => `payment ${Math.floor(random.uniform() * 1e6)} failed: connection pool exhausted`,
  (random) =>
    `GET /api/items/${Math.floor(random.uniform() * 1e4)} answered 200 in ${Math.floor(random.uniform() * 300)} ms`,
  (random) => `user u${Math.floor(random.uniform() * 500)} logged in`,
  () => 'cache flushed',
  (random) => `payment-service did not answer for ord-${Math.floor(random.uniform() * 1e5)} within 5000 ms`,
];

const now = () => (DAY_START + DAY) * 1000;

/** A day of events, all but the last hour of it stored, and an explainer over it. */
function recordDay() {
  const tally = new Tally({
    maxSourcesPerTenant: 9,
    onClosed: () => undefined,
    onSource: () => undefined,
    isBlind: () => false,
  });
  const random = new SeededRandom(5);
  const templateBlocks: TemplateBlockDelta[] = [];
  const frames: BlockDelta[] = [];
  const batch = 2000;
  for (let from = 0; from < EVENTS; from += batch) {
    const lines = Array.from({ length: batch }, (_, i) => {
      // Busier at noon, and a burst of one kind at 15:00.
      const second = Math.floor(((from + i) / EVENTS) * DAY);
      const isBurst = second > 15 * 3600 && second < 15 * 3600 + 900;
      const say = SAYS[isBurst ? 1 : Math.floor(random.uniform() ** 2 * SAYS.length)];
      const service = SERVICES[Math.floor(random.uniform() * SERVICES.length)];
      return JSON.stringify({ ts: DAY_START + second, service, level: isBurst ? 'error' : 'info', msg: say(random) });
    });
    const meta = {
      receivedAtMs: (DAY_START + DAY) * 1000,
      tenant: 'default',
      pinnedService: null,
      format: 'json',
    } as const;
    tally.apply(tally.scan(meta, Buffer.from(lines.join('\n'))), from / batch + 1);
    if (from + 2 * batch === EVENTS) {
      const taken = tally.takeDelta();
      templateBlocks.push(...taken.templates.blocks);
      frames.push(...taken.deltas);
    }
  }
  const templates: TemplateDirectory = new TemplateDirectory(
    {
      book: tally.templates,
      saveMark: () => Promise.resolve(true),
      saveMerge: () => Promise.resolve(),
      clusterOf: (id) => clusters.clusterOf(id),
    },
    { marks: [], merges: [] },
  );
  const clusters: ClusterDirectory = new ClusterDirectory(
    { templates, save: () => Promise.resolve(), onMerge: () => undefined },
    { clusters: [], assignments: [] },
  );
  const counts = templateCountsReader({
    store: {
      templateBlocks: ({ level, fromSecond, toSecond }) =>
        Promise.resolve(
          templateBlocks.filter(
            (block) =>
              block.level === level && block.start > fromSecond - BLOCK_LEVELS[level].span && block.start < toSecond,
          ),
        ),
    },
    tally,
    checkpointer: { readStored: async (read, merge) => merge(await read()) },
    resolve: (id) => templates.resolve(id),
    now,
  });
  const sources = tally.sources.map(({ sourceId, tenant, service, firstSeenMs }) =>
    aSource({ source_id: sourceId, tenant, service, first_seen_ms: firstSeenMs, time_zone: 'UTC' }),
  );
  const explainer = new Explainer({
    counts,
    sources: { list: () => sources },
    templates,
    clusters,
    blind: () => Promise.resolve([]),
    // Samples are another matter.
    lines: async function* () {},
    now,
  });
  const seconds = new Map<number, number>();
  const all = [...frames, ...tally.sources.flatMap(({ sourceId }) => tally.pendingOf(sourceId))];
  for (const { level, start, block } of all) if (level === 0) addSeconds(seconds, start, block);
  return { explainer, volume: (from: number, to: number) => sumOf(seconds, from, to) };
}

function addSeconds(seconds: Map<number, number>, start: number, block: FrameBlock): void {
  for (let slot = 0; slot < block.slots; slot++) {
    const events = eventsOf({ ...block.counts(slot) });
    if (events > 0) seconds.set(start + slot, (seconds.get(start + slot) ?? 0) + events);
  }
}

function sumOf(seconds: ReadonlyMap<number, number>, from: number, to: number): number {
  let sum = 0;
  for (const [second, events] of seconds) if (second >= from && second < to) sum += events;
  return sum;
}

async function lastOf(messages: AsyncIterable<ExplainMessage>) {
  const rows = new Map<string, Extract<ExplainMessage, { type: 'row' }>['row']>();
  let summary: Extract<ExplainMessage, { type: 'summary' }> | undefined;
  let remainder: Extract<ExplainMessage, { type: 'remainder' }> | undefined;
  for await (const message of messages) {
    if (message.type === 'summary') summary = message;
    if (message.type === 'row') rows.set(message.row.cluster_id, message.row);
    if (message.type === 'remainder') remainder = message;
  }
  return { rows: [...rows.values()], summary: summary!, remainder: remainder! };
}

const AGAINST: readonly ExplainAgainst[] = [
  { kind: 'same_slot' },
  { kind: 'before' },
  { kind: 'other_cluster', name: 'US', templates: [{ template_id: 'there', text: 'disk <*> is full', count: 37 }] },
];

describe('an explained range adds up', { timeout: 300_000 }, () => {
  let day: ReturnType<typeof recordDay>;
  beforeAll(() => {
    day = recordDay();
  });

  it(`in ${RANGES} random ranges of a recorded day: rows and remainder to the heartbeat, to the event`, async () => {
    const random = new SeededRandom(11);
    for (let i = 0; i < RANGES; i++) {
      const length = Math.max(1, Math.floor(10 ** (random.uniform() * 3.8)));
      const from = DAY_START + Math.floor(random.uniform() * (DAY - 1));
      const to = Math.min(from + length, DAY_START + DAY);
      const { rows, summary, remainder } = await lastOf(
        day.explainer.explain(
          {
            from: from * 1000,
            to: to * 1000,
            order: i % 2 === 0 ? 'biggest' : 'rarest',
            limit: 1 + (i % 4),
            against: AGAINST[i % AGAINST.length],
          },
          new AbortController().signal,
        ),
      );
      const sums = {
        range: [summary.from_ms / 1000, summary.to_ms / 1000],
        total: summary.total,
        count: rows.reduce((sum, row) => sum + row.count, remainder.count),
        expected: rows.reduce((sum, row) => sum + row.expected, remainder.expected),
        excess: rows.reduce((sum, row) => sum + row.excess, remainder.count - remainder.expected),
        perRow: rows.map((row) => [
          row.sparkline.reduce((sum, one) => sum + one, 0),
          row.services.reduce((sum, one) => sum + one.count, 0),
          Object.values(row.levels).reduce((sum, one) => sum + one, 0),
        ]),
      };
      expect(sums).toEqual({
        range: [from, to],
        total: day.volume(from, to),
        count: summary.total,
        expected: summary.expected,
        excess: summary.excess,
        perRow: rows.map(({ count }) => [count, count, count]),
      });
    }
  });

  it('names what a burst was', async () => {
    const from = (DAY_START + 15 * 3600) * 1000;
    const { rows, summary } = await lastOf(
      day.explainer.explain({ from, to: from + 900_000, order: 'biggest', limit: 5 }, new AbortController().signal),
    );
    expect(rows[0]).toMatchObject({ name: 'Connection pool exhausted', status: 'surging' });
    expect(summary.baseline).toMatchObject({ kind: 'before', words: 'a stretch 4 times as long before' });
  });
});
