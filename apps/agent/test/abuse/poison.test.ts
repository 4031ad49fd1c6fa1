/** Reliability's poison list, P1 to P9: what PostgreSQL refuses, and with it every neighbour, if it is let through as it comes. */
import { HeartbeatAnswerSchema, SourceListSchema, TemplateListSchema } from '@sentinellog/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentProcess, eventually } from '../acceptance/agent-process.ts';

const agent = new AgentProcess();
beforeAll(() => agent.start());
afterAll(() => agent.remove());

const GOOD = '{"service":"neighbour","level":"INFO","message":"order 17 paid"}';
const nested = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);

/** An event, and whether it is one that is taken. */
const POISON: readonly (readonly [string, string, 'taken' | 'refused'])[] = [
  ['P1: NUL in a text', String.raw`{"service":"p1","level":"ERROR","message":"a\u0000b"}`, 'taken'],
  ['P1: NUL in the name of the service', String.raw`{"service":"p1\u0000","level":"ERROR","message":"m"}`, 'taken'],
  ['P2: NUL in a key', String.raw`{"service":"p2","message":"m","a\u0000b":"\u0000"}`, 'taken'],
  ['P3: half a surrogate pair', String.raw`{"service":"p3","message":"\ud83d"}`, 'taken'],
  ['P3: half a pair in the name of the service', String.raw`{"service":"p3\udc00","message":"m"}`, 'taken'],
  ['P4: a number beyond all floats', '{"service":"p4","message":"m","n":1e400000}', 'taken'],
  ['P5: the year 300000', '{"service":"p5","message":"m","timestamp":"300000-01-01T00:00:00Z"}', 'taken'],
  ['P5: the last instant of JavaScript', '{"service":"p5","message":"m","timestamp":8640000000000000}', 'taken'],
  ['P5: before the first', '{"service":"p5","message":"m","timestamp":"-271821-04-19T00:00:00Z"}', 'taken'],
  ['P6: an event over the limit', `{"service":"p6","message":"${'x'.repeat(300_000)}"}`, 'refused'],
  ['P7: a name of 12 kB', `{"service":"${'p7'.repeat(6000)}","message":"m"}`, 'taken'],
  ['P8: an integer beyond 2^53', '{"service":"p8","message":"m","n":1767225600123456789}', 'taken'],
  ['P9: nested 10,000 deep', `{"service":"p9","message":"m","n":${nested(10_000)}}`, 'refused'],
  [
    'P9: an array 10,000 deep',
    `{"service":"p9","message":"m","n":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
    'refused',
  ],
];

async function countOf(source: string): Promise<number> {
  const nowMs = Date.now();
  const query = new URLSearchParams({ source, from: String(nowMs - 600_000), to: String(nowMs + 60_000) });
  return HeartbeatAnswerSchema.parse(await agent.get(`/v1/heartbeats?${query.toString()}`)).total_events;
}

describe('a poisonous event', () => {
  it.each(POISON)('%s never takes a neighbour with it', async (_, event, fate) => {
    const before = await countOf('neighbour').catch(() => 0);
    const response = await agent.ingest([GOOD, event, GOOD].join('\n'));
    expect(response.status).toBe(202);
    const isTaken = fate === 'taken';
    expect(await response.json()).toMatchObject({ accepted: isTaken ? 3 : 2, rejected: isTaken ? 0 : 1 });
    expect(await countOf('neighbour')).toBe(before + 2);
  });

  it('is committed with all the others, and still there, name and text, after a kill', async () => {
    const neighbours = POISON.length * 2;
    await eventually('a checkpoint of everything', 15_000, async () => {
      const text = await fetch(`${agent.url}/metrics`, {
        headers: { authorization: `Bearer ${agent.credentials.adminToken}` },
      }).then((response) => response.text());
      return /^sentinellog_pending_events 0$/m.test(text) ? true : undefined;
    });
    await agent.kill9();
    await agent.start();
    expect(await countOf('neighbour')).toBe(neighbours);
    const { sources } = SourceListSchema.parse(await agent.get('/v1/sources'));
    const names = sources.map(({ service }) => service);
    // In a name, which people type, a control character is only trouble (tally/service-name.ts).
    expect(names).toContain('p1\u{FFFD}');
    expect(names.find((name) => name.startsWith('p7'))?.length).toBeLessThanOrEqual(256);
    const { templates } = TemplateListSchema.parse(await agent.get('/v1/templates?source=p1'));
    expect(templates.flatMap(({ examples }) => examples)).toContain('a\0b');
  }, 60_000);
});
