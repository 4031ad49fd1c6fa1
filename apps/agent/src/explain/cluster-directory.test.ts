import { LEVELS, type Template } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { type ClusterChanges, type ClusterDeed, ClusterDirectory } from './cluster-directory.ts';

const ADA = { tokenId: 'tok-ada', name: 'Ada', role: 'admin' } as const;

function aTemplate(id: string, text: string, count: number): Template {
  return {
    template_id: id,
    text,
    name: null,
    pinned: false,
    cluster_id: '',
    first_seen_ms: 1000,
    last_seen_ms: 2000,
    count,
    levels: Object.fromEntries(LEVELS.map((level) => [level, level === 'info' ? count : 0])) as Template['levels'],
    services: [{ source_id: 's1', service: 'api', count }],
    examples: [],
  };
}

/** What the table would hold. */
class MemoryTable {
  readonly clusters = new Map<string, ClusterChanges['clusters'][number]>();
  readonly assignments = new Map<string, ClusterChanges['assignments'][number]>();
  readonly deeds: ClusterDeed[] = [];
  isDown = false;

  save = async ({ clusters, assignments }: ClusterChanges, deed?: ClusterDeed): Promise<void> => {
    if (this.isDown) throw new Error('the database does not answer');
    for (const cluster of clusters) this.clusters.set(cluster.clusterId, cluster);
    for (const assignment of assignments) this.assignments.set(assignment.templateId, assignment);
    if (deed) this.deeds.push(deed);
  };

  get stored(): ClusterChanges {
    return { clusters: [...this.clusters.values()], assignments: [...this.assignments.values()] };
  }
}

function setUp(table = new MemoryTable()) {
  const templates = new Map(
    [
      aTemplate('t1', 'payment-service did not answer for <*> within <*> ms', 10),
      aTemplate('t2', 'order <*> abandoned after <*> attempts: payment timed out', 5),
      aTemplate('t3', 'card declined for <*>', 7),
      aTemplate('t4', 'order <*> placed', 100),
    ].map((template) => [template.template_id, template]),
  );
  const directory = new ClusterDirectory(
    {
      templates: {
        texts: () => [...templates.values()].map(({ template_id: id, text }) => ({ id, text })),
        some: (ids) =>
          new Map(Array.from(ids).flatMap((id) => (templates.has(id) ? [[id, templates.get(id)!] as const] : []))),
        resolve: (id) => id,
      },
      save: table.save,
      onMerge: () => undefined,
    },
    table.stored,
  );
  const names = () => directory.list({ limit: 100 }).clusters.map(({ name, count }) => `${count} ${name}`);
  return { directory, table, templates, names };
}

describe('clusters as people see them', () => {
  it('are listed by events, with what their templates come to, pinned ones first', async () => {
    const { directory, names } = setUp();
    expect(names()).toEqual(['100 Order placed', '15 Timeouts calling payment-service', '7 Card declined']);
    await directory.patch('t3', { pinned: true }, ADA);
    expect(names()[0]).toBe('7 Card declined');
    expect(directory.list({ text: 'ABANDONED', limit: 10 }).total).toBe(1);
  });

  it('come back after a restart as they were found and as people arranged them', async () => {
    const { directory, table } = setUp();
    await directory.patch('t1', { name: 'Payment is slow' }, ADA);
    await directory.merge('t4', ['t3'], ADA);
    directory.refresh();
    await directory.save();
    const again = setUp(table);
    expect(again.names()).toEqual(['107 Order placed', '15 Payment is slow']);
    expect(again.directory.one('t3')?.cluster_id).toBe('t4');
    expect(table.deeds.map(({ actor, action, object }) => [actor, action, object])).toEqual([
      ['Ada', 'cluster.patch', 't1'],
      ['Ada', 'cluster.merge', 't4'],
    ]);
  });

  it('give up a template that people split off, and take it back under no other id', async () => {
    const { directory, table } = setUp();
    const split = await directory.split('t1', ['t2'], ADA);
    expect(split).toMatchObject({ cluster_id: 't2', name: 'Timeouts', templates: [{ template_id: 't2' }] });
    expect(setUp(table).directory.clusterOf('t2')).toBe('t2');
    await expect(directory.split('t1', ['t3'], ADA)).rejects.toThrow('must name templates of this cluster');
    await expect(directory.split('t1', ['t1'], ADA)).rejects.toThrow('nothing would stay');
  });

  it('stay as they were when a change cannot be stored', async () => {
    const { directory, table, names } = setUp();
    const before = names();
    table.isDown = true;
    await expect(directory.merge('t4', ['t3'], ADA)).rejects.toThrow('does not answer');
    await expect(directory.patch('t4', { name: 'Orders' }, ADA)).rejects.toThrow('does not answer');
    await expect(directory.split('t1', ['t2'], ADA)).rejects.toThrow('does not answer');
    expect(names()).toEqual(before);
    await expect(directory.save()).rejects.toThrow('does not answer');
    table.isDown = false;
    await directory.save();
    expect(table.assignments.size).toBe(4);
  });

  it('say that there is none, and refuse to be merged with themselves', async () => {
    const { directory } = setUp();
    expect(directory.one('nobody')).toBeNull();
    expect(await directory.patch('nobody', { pinned: true }, ADA)).toBeNull();
    await expect(directory.merge('t4', ['t4'], ADA)).rejects.toThrow('the cluster itself');
    await expect(directory.merge('t4', ['nobody'], ADA)).rejects.toThrow('an unknown cluster');
  });

  it('let go of templates that are gone', () => {
    const { directory, templates, names } = setUp();
    directory.refresh();
    templates.delete('t3');
    expect(names()).toEqual(['100 Order placed', '15 Timeouts calling payment-service']);
  });

  it('become one when they fail in the same traces, and that is stored', async () => {
    const { directory, table, templates } = setUp();
    const call = aTemplate('t5', 'call to inventory-api failed: deadline exceeded after <*> ms', 3);
    const told = aTemplate('t6', 'checkout gave up on stock: timed out waiting for an answer', 3);
    for (const template of [call, told]) templates.set(template.template_id, template);
    directory.refresh();
    expect(directory.clusterOf('t6')).not.toBe(directory.clusterOf('t5'));
    for (let n = 0; n < 20; n++) for (const id of ['t5', 't6']) directory.sawTrace(id, `default/4bf92f3577b34da6-${n}`);
    directory.refresh();
    expect(directory.clusterOf('t6')).toBe(directory.clusterOf('t5'));
    await directory.save();
    expect(table.assignments.get('t6')?.clusterId).toBe(directory.clusterOf('t5'));
  });
});
