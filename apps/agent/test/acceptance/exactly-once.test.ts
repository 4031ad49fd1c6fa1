import { existsSync, readFileSync } from 'node:fs';
import { TemplateDetailSchema, TemplateListSchema } from '@sentinellog/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentProcess } from './agent-process.ts';

// Real lines of an Apache error log; the benchmark data lies beside the repository and is never copied into it.
const LOG = new URL('../../../../../shared/data/templates/public/Apache/Apache_2k.log', import.meta.url);
const present = existsSync(LOG);
if (!present) process.stderr.write(`skipped: no benchmark data at ${LOG.pathname}\n`);

const LEVELS = { notice: 'NOTICE', error: 'ERROR' } as const;

/** The file as a shipper would send it, one event a second, ending now. */
function apacheEvents(nowMs: number): string[] {
  const lines = readFileSync(LOG, 'utf8').split('\n').filter(Boolean);
  return lines.map((line, i) => {
    const level = /\[(notice|error)\]/.exec(line)?.[1] as keyof typeof LEVELS | undefined;
    return JSON.stringify({
      timestamp: new Date(nowMs - (lines.length - i) * 1000).toISOString(),
      service: 'apache',
      level: level ? LEVELS[level] : 'INFO',
      message: line,
    });
  });
}

describe.skipIf(!present)('2,000 real log lines', () => {
  const agent = new AgentProcess();
  beforeAll(() => agent.start());
  afterAll(() => agent.remove());

  const nowMs = Date.now();
  const range = { source: 'apache', from: String(nowMs - 3_600_000), to: String(nowMs + 600_000), step: '10s' };
  const sum = async () => {
    const { columns, total_events } = await agent.heartbeats(range);
    const added = columns[1].reduce((a: number, b) => a + (b ?? 0), 0);
    expect(added).toBe(total_events);
    const { templates } = TemplateListSchema.parse(await agent.get('/v1/templates?source=apache'));
    expect(templates.reduce((events, { count }) => events + count, 0)).toBe(total_events);
    return total_events;
  };
  /** What the lines say, with how often, from the counts that are kept by the minute. */
  const histories = async () => {
    const { templates } = TemplateListSchema.parse(await agent.get('/v1/templates?source=apache'));
    const { from, to } = range;
    return Promise.all(
      templates.map(async ({ template_id, text, count }) => {
        const query = new URLSearchParams({ from, to, step: '1m' }).toString();
        const { columns } = TemplateDetailSchema.parse(await agent.get(`/v1/templates/${template_id}?${query}`));
        return { template_id, text, count, counted: columns[1].reduce((all, events) => all + events, 0) };
      }),
    );
  };

  it('are counted once each, through kill -9 in the middle and a batch that is sent twice', async () => {
    const events = present ? apacheEvents(nowMs) : [];
    expect(events).toHaveLength(2000);
    const batches = Array.from({ length: 20 }, (_, i) => events.slice(i * 100, (i + 1) * 100).join('\n'));

    for (const batch of batches.slice(0, 10)) expect((await agent.ingest(batch)).status).toBe(202);
    expect(await sum()).toBe(1000);

    await agent.kill9();
    await agent.start();
    expect(await sum()).toBe(1000);

    for (const [i, batch] of batches.slice(10).entries()) {
      const headers = { 'X-Sentinel-Batch-Id': `apache-${i}` };
      const first = await agent.ingest(batch, headers);
      const again = await agent.ingest(batch, headers);
      expect(await again.json()).toEqual(await first.json());
    }
    expect(await sum()).toBe(2000);

    await agent.kill9();
    await agent.start();
    // The shipper never heard of the crash and sends its last batch once more.
    const answer = await agent.ingest(batches[19] ?? '', { 'X-Sentinel-Batch-Id': 'apache-9' });
    expect(await answer.json()).toMatchObject({ accepted: 100, rejected: 0, batch_id: 'apache-9' });
    expect(await sum()).toBe(2000);

    const said = await histories();
    expect(said.map(({ counted }) => counted)).toEqual(said.map(({ count }) => count));
    // The six kinds of message that there are in this file.
    expect(said.map(({ count }) => count)).toEqual([836, 569, 539, 32, 12, 12]);
    expect(await agent.stop()).toBe(0);
    await agent.start();
    expect(await sum()).toBe(2000);
    expect(await histories()).toEqual(said);
  }, 120_000);
});
