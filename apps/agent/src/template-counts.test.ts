import { describe, expect, it } from 'vitest';
import { TemplateBlock, type TemplateBlockDelta } from './pipeline/template-block.ts';
import { Tally } from './tally/tally.ts';
import { templateCountsReader } from './template-counts.ts';

/** Unix second of 2026-01-01T00:00:00Z. */
const NEW_YEAR = 1_767_225_600;

/** A tally and the blocks that its first checkpoint stored. */
function setUp(now = NEW_YEAR + 4000) {
  const tally = new Tally({
    maxSourcesPerTenant: 9,
    onClosed: () => undefined,
    onSource: () => undefined,
    isBlind: () => false,
  });
  const stored: TemplateBlockDelta[] = [];
  let lsn = 0;
  const send = (events: readonly (readonly [second: number, msg: string])[]) => {
    const body = events
      .map(([second, msg]) => JSON.stringify({ ts: NEW_YEAR + second, service: 'api', msg }))
      .join('\n');
    const meta = { receivedAtMs: (NEW_YEAR + 3700) * 1000, tenant: 'a', pinnedService: null, format: 'json' } as const;
    tally.apply(tally.scan(meta, Buffer.from(body)), ++lsn);
  };
  const store = () => void stored.push(...tally.takeDelta().templates.blocks);
  const read = templateCountsReader({
    store: { templateBlocks: ({ level }) => Promise.resolve(stored.filter((block) => block.level === level)) },
    tally,
    checkpointer: { readStored: async (readNow, merge) => merge(await readNow()) },
    resolve: (id) => tally.templates.resolve(id),
    now: () => now * 1000,
  });
  const counts = async (from: number, to: number, stepSeconds: number) => {
    const query = { fromSecond: NEW_YEAR + from, toSecond: NEW_YEAR + to, stepSeconds };
    const answer = await read({ ...query, sourceIds: tally.sources.map(({ sourceId }) => sourceId) });
    const byStep = new Map<number, number>();
    for (const { t, count } of answer.counts) byStep.set(t - NEW_YEAR, (byStep.get(t - NEW_YEAR) ?? 0) + count);
    const templates = new Set(answer.counts.map(({ template_id }) => template_id)).size;
    const range = [answer.fromSecond - NEW_YEAR, answer.toSecond - NEW_YEAR] as const;
    return { steps: [...byStep].toSorted(([one], [other]) => one - other), templates, unit: answer.unitSeconds, range };
  };
  return { send, store, counts };
}

describe('events by template', () => {
  it('are what is stored and what is not, once', async () => {
    const { send, store, counts } = setUp();
    send([
      [0, 'up 1'],
      [3, 'down'],
      [3, 'up 2'],
    ]);
    store();
    send([
      [3, 'up 3'],
      [75, 'up 4'],
    ]);
    expect(await counts(0, 100, 1)).toMatchObject({
      steps: [
        [0, 1],
        [3, 3],
        [75, 1],
      ],
      templates: 2,
      unit: 1,
    });
    expect(await counts(1, 76, 25)).toMatchObject({
      steps: [
        [1, 3],
        [51, 1],
      ],
      range: [1, 76],
    });
  });

  it('are read by the minute or hour where that says the same', async () => {
    const { send, counts } = setUp();
    send([
      [0, 'up 1'],
      [61, 'up 1'],
      [3599, 'up 2'],
      [3600, 'up 3'],
    ]);
    expect(await counts(0, 7200, 3600)).toMatchObject({
      steps: [
        [0, 3],
        [3600, 1],
      ],
      unit: 3600,
    });
    expect(await counts(60, 3660, 60)).toMatchObject({
      steps: [
        [60, 1],
        [3540, 1],
        [3600, 1],
      ],
      unit: 60,
    });
  });

  it('are widened to whole minutes where the seconds are no longer kept', async () => {
    const { send, counts } = setUp(NEW_YEAR + 10 * 86_400);
    send([
      [5, 'up 1'],
      [119, 'up 1'],
      [120, 'up 1'],
    ]);
    expect(await counts(30, 100, 10)).toMatchObject({
      steps: [
        [0, 1],
        [60, 1],
      ],
      unit: 60,
      range: [0, 120],
    });
  });

  it('belong to what a template has become', async () => {
    const { send, store, counts } = setUp();
    send([[0, 'Session opened for user alice by console']]);
    store();
    send(['bob', 'carol', 'dave', 'erin'].map((user) => [9, `Session opened for user ${user} by console`] as const));
    expect(await counts(0, 60, 60)).toMatchObject({ steps: [[0, 5]], templates: 1 });
  });

  it('of a block from a newer agent are refused', () => {
    expect(() => TemplateBlock.decode(Uint8Array.of(2))).toThrow(/newer/);
  });
});
