import { describe, expect, it } from 'vitest';
import { SourceTemplates } from './tally/source-templates.ts';
import { TemplateRecord } from './tally/template-record.ts';
import { TemplateDirectory } from './template-directory.ts';

const ADA = { tokenId: 'tok', name: 'Ada', role: 'admin' } as const;

/** Three templates of two services, and a store that writes down what it is given. */
function setUp() {
  const saved: unknown[] = [];
  const services = ['payment', 'order'].map((service) => new SourceTemplates(`id-of-${service}`, service));
  const records = ['charged card <*>', 'order <*> placed', 'cache flushed'].map((text, i) => {
    const record = new TemplateRecord(`000000000000000${i + 1}`, i);
    record.text = text;
    for (const [at, source] of services.slice(0, i + 1).entries()) {
      source.use(record, 100 * (i + 1) + at).levels[at === 0 ? 1 : 3] = 10 ** i;
    }
    return record;
  });
  const directory = new TemplateDirectory(
    {
      book: { records: () => records, resolve: (id) => (id === 'old' ? records[0].id : id) },
      saveMark: (mark) => Promise.resolve(saved.push(mark) > 0),
      saveMerge: async (from, to) => void saved.push({ from, to }),
      clusterOf: (id) => `cluster of ${id}`,
    },
    { marks: [], merges: [] },
  );
  const list = (query: object = {}) =>
    directory.list({ order: 'count', limit: 100, ...query }).templates.map(({ text, count }) => `${count} ${text}`);
  return { directory, saved, list, ids: records.map(({ id }) => id) };
}

describe('templates as people see them', () => {
  it('are listed by count, by age, by rarity, by words and by service', () => {
    const { list } = setUp();
    expect(list()).toEqual(['200 cache flushed', '20 order <*> placed', '1 charged card <*>']);
    expect(list({ order: 'rarest', limit: 1 })).toEqual(['1 charged card <*>']);
    expect(list({ order: 'newest', limit: 1 })).toEqual(['200 cache flushed']);
    expect(list({ text: 'CARD charged' })).toEqual(['1 charged card <*>']);
    expect(list({ sourceIds: ['id-of-order'] })).toEqual(['100 cache flushed', '10 order <*> placed']);
  });

  it('are found many at once, also by former ids, and listed with what they say', () => {
    const { directory, ids } = setUp();
    const found = directory.some(['old', ids[1], 'unknown']);
    expect([...found.keys()]).toEqual([ids[0], ids[1]]);
    expect(found.get(ids[0])).toMatchObject({ template_id: ids[0], cluster_id: `cluster of ${ids[0]}` });
    expect([...directory.texts()].map(({ id }) => id)).toEqual(ids);
  });

  it('are found by the id of one that was merged into them, with levels and services', () => {
    const { directory, ids } = setUp();
    expect(directory.one('old')).toMatchObject({ template_id: ids[0], levels: { info: 1 }, first_seen_ms: 100_000 });
    expect(directory.one(ids[1])).toMatchObject({
      levels: { info: 10, error: 10 },
      services: [
        { service: 'payment', count: 10 },
        { service: 'order', count: 10 },
      ],
    });
    expect(directory.one('ffffffffffffffff')).toBeNull();
  });

  it('take a name and a pin, which are stored', async () => {
    const { directory, saved, ids } = setUp();
    expect(await directory.patch(ids[0], { name: 'Charges' }, ADA)).toMatchObject({ name: 'Charges', pinned: false });
    expect(await directory.patch('old', { pinned: true }, ADA)).toMatchObject({ name: 'Charges', pinned: true });
    expect(saved).toHaveLength(2);
    expect(await directory.patch('ffffffffffffffff', { pinned: true }, ADA)).toBeNull();
  });

  it('become one by hand, past and future, and two again', async () => {
    const { directory, saved, list, ids } = setUp();
    expect(await directory.patch(ids[0], { merge: [ids[1]] }, ADA)).toMatchObject({ count: 21 });
    expect(list()).toEqual(['200 cache flushed', '21 charged card <*>']);
    expect(directory.resolve(ids[1])).toBe(ids[0]);
    await expect(directory.patch(ids[0], { merge: [ids[1]] }, ADA)).rejects.toThrow(/part of the template/);
    await expect(directory.patch(ids[0], { split: [ids[2]] }, ADA)).rejects.toThrow(/merged into this one by hand/);
    expect(await directory.patch(ids[0], { split: [ids[1]] }, ADA)).toMatchObject({ count: 1 });
    expect(list()).toHaveLength(3);
    expect(saved).toEqual([
      { from: [ids[1]], to: ids[0] },
      { from: [ids[1]], to: null },
    ]);
  });
});
