import type { ExplainMessage, ExplainRequest } from '@sentinellog/shared';
import { anAnomaly } from '@sentinellog/shared/testing';
import { describe, expect, it } from 'vitest';
import { aTown, RANGE_FROM, RANGE_TO } from './testing/town.ts';

const POOL = 'connection pool exhausted: <*> in use, <*> waiting';
const REQUEST: ExplainRequest = { from: RANGE_FROM * 1000, to: RANGE_TO * 1000, order: 'biggest', limit: 3 };

function aBrokenTown() {
  return aTown(3, () => ({
    voices: [{ text: POOL, service: 'payments', perMinute: 30, level: 'error' }],
    factor: (voice, t) => (t >= RANGE_FROM && voice.text.startsWith('payment') ? 0 : 1),
  })).explainer;
}

async function told(request: ExplainRequest, explainer = aBrokenTown()): Promise<ExplainMessage[]> {
  const messages: ExplainMessage[] = [];
  for await (const message of explainer.explain(request, new AbortController().signal)) messages.push(message);
  return messages;
}

describe('explaining a range', () => {
  it('tells the sum, rows from counts, the remainder, and then the same rows with lines', async () => {
    const messages = await told(REQUEST);
    expect(messages.map(({ type }) => type).filter((type) => type !== 'progress')).toEqual([
      'summary',
      'row',
      'row',
      'row',
      'remainder',
      'row',
      'row',
      'row',
      'done',
    ]);
    const [summary, first] = messages;
    expect(summary).toMatchObject({ baseline: { kind: 'same_slot', words: 'the same time of the last 4 Mondays' } });
    expect(first).toMatchObject({ rank: 0, row: { status: 'gone', name: 'Payment authorised', samples: [] } });
    const last = messages.findLast((message) => message.type === 'row' && message.row.status === 'new');
    expect(last).toMatchObject({
      row: { name: 'Connection pool exhausted', levels: { info: 0 }, services: [{ service: 'payments' }] },
    });
    expect(last?.type === 'row' && last.row.samples.length).toBe(5);
  });

  it('keeps to the sources that are asked for', async () => {
    const [summary, first] = await told({ ...REQUEST, sources: ['mail'] });
    expect(first).toMatchObject({ row: { services: [{ service: 'mail' }] } });
    const [everything] = await told(REQUEST);
    expect(summary.type === 'summary' && everything.type === 'summary' && summary.total < everything.total).toBe(true);
    await expect(told({ ...REQUEST, sources: ['mail', 'nobody'] })).rejects.toThrow('neither as id nor as service');
  });

  it('compares with another range, scaled to the same length', async () => {
    const against = { kind: 'other_range', from: (RANGE_FROM - 7200) * 1000, to: (RANGE_FROM - 3600) * 1000 } as const;
    const [summary] = await told({ ...REQUEST, against });
    expect(summary).toMatchObject({
      baseline: { kind: 'other_range', ranges: [{ from_ms: against.from, to_ms: against.to }] },
    });
    expect(summary.type === 'summary' && summary.expected / summary.total).toBeGreaterThan(0.7);
    expect(summary.type === 'summary' && summary.expected / summary.total).toBeLessThan(1.4);
  });

  it('compares with another cluster: what only one of the two logs stands out, with a name', async () => {
    const first = await told({ ...REQUEST, limit: 200 });
    const rows = first.flatMap((message) => (message.type === 'row' ? message.row : []));
    const templates = [...new Map(rows.flatMap((row) => row.templates).map((one) => [one.template_id, one])).values()]
      .filter(({ text, count }) => count > 0 && text !== POOL)
      .map(({ template_id, text, count }) => ({ template_id, text, count: count * 3 }));
    const disk = { template_id: 'ffffffffffffffff', text: 'Disk <*> is full on <*>', count: 6000 };
    const against = { kind: 'other_cluster' as const, name: 'US', templates: [...templates, disk] };
    const messages = await told({ ...REQUEST, against });
    const [summary, ...others] = messages;
    expect(summary).toMatchObject({ baseline: { kind: 'other_cluster', ranges: [] } });
    expect(summary.type === 'summary' && Math.abs(summary.excess)).toBeLessThan(1);
    expect(others).toContainEqual(
      expect.objectContaining({
        row: expect.objectContaining({
          status: 'gone',
          count: 0,
          name: 'Disk full',
          services: [{ service: 'US', count: 0 }],
        }),
      }),
    );
    expect(others).toContainEqual(
      expect.objectContaining({ row: expect.objectContaining({ status: 'new', name: 'Connection pool exhausted' }) }),
    );
  });

  it('refuses a range that ends before it begins, that is too long, or is no time', async () => {
    await expect(told({ ...REQUEST, to: REQUEST.from })).rejects.toThrow('body.from must be before body.to');
    await expect(told({ ...REQUEST, from: (RANGE_FROM - 100 * 86_400) * 1000 })).rejects.toThrow('90 days');
    await expect(told({ ...REQUEST, from: 'yesterday' })).rejects.toThrow('ISO 8601');
  });

  it('stops when the reader is gone, and gives its place free', async () => {
    const explainer = aBrokenTown();
    for (let i = 0; i < 10; i++) {
      const messages = explainer.explain(REQUEST, new AbortController().signal);
      await messages.next();
      await messages.return(undefined);
    }
    const running = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const messages = explainer.explain(REQUEST, new AbortController().signal);
        await messages.next();
        return messages;
      }),
    );
    await expect(told(REQUEST, explainer)).rejects.toThrow('explained already');
    for (const messages of running) await messages.return(undefined);
    expect((await told(REQUEST, explainer)).at(-1)).toMatchObject({ type: 'done' });
  });

  it('names what an anomaly is made of, in shares of what stands out', async () => {
    const anomaly = anAnomaly({
      source_id: 'payments',
      started_at_ms: RANGE_FROM * 1000,
      last_outside_ms: RANGE_TO * 1000,
    });
    expect(await aBrokenTown().ofAnomaly(anomaly)).toMatchObject([
      { name: 'Connection pool exhausted', share: 1, is_new: true },
    ]);
    expect(await aBrokenTown().ofAnomaly({ ...anomaly, source_id: 'nobody' })).toEqual([]);
  });
});
