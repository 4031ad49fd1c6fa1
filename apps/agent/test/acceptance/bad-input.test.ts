import { ProblemSchema } from '@sentinellog/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentProcess, eventually } from './agent-process.ts';

const agent = new AgentProcess();
beforeAll(() => agent.start());
afterAll(() => agent.remove());

const good = (message: string, service = 'api') =>
  JSON.stringify({ timestamp: new Date().toISOString(), service, level: 'INFO', message });

async function countOf(service: string): Promise<number> {
  const now = Date.now();
  const { total_events } = await agent.heartbeats({
    source: service,
    from: String(now - 600_000),
    to: String(now + 60_000),
  });
  return total_events;
}

async function problemOf(response: Response) {
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  return ProblemSchema.parse(await response.json());
}

describe('bad input gets its documented answer and never takes good data with it', () => {
  it('a malformed line is rejected alone, with its number', async () => {
    const response = await agent.ingest(
      [good('before', 'torn'), '{"service": "torn", "mess', good('after', 'torn')].join('\n'),
    );
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({
      accepted: 2,
      rejected: 1,
      errors: [{ line: 2, code: 'invalid_json' }],
    });
    expect(await countOf('torn')).toBe(2);
  });

  it('a batch of nothing but malformed lines is a 400 that names them', async () => {
    const response = await agent.ingest('nonsense\nmore nonsense');
    expect(response.status).toBe(400);
    expect(await problemOf(response)).toMatchObject({
      code: 'invalid_json',
      retryable: false,
      accepted: 0,
      rejected: 2,
    });
  });

  it('a wrong key is a 401, and nothing is read or counted', async () => {
    const response = await agent.ingest(good('hello', 'intruder'), { 'X-Sentinel-Key': 'slk_nobody' });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBeTruthy();
    expect((await problemOf(response)).code).toBe('unauthenticated');
  });

  it('a body of 20 MB is a 413', async () => {
    const response = await agent.ingest(new Uint8Array(20 * 1024 * 1024).fill(0x20));
    expect(response.status).toBe(413);
    expect((await problemOf(response)).code).toBe('body_too_large');
  });

  it('invalid UTF-8 is kept and counted', async () => {
    const [head = '', tail = ''] = good('caf@ closed', 'latin').split('@');
    const body = Buffer.concat([Buffer.from(head), Buffer.from([0xe9, 0xff]), Buffer.from(tail)]);
    expect(await (await agent.ingest(body)).json()).toMatchObject({ accepted: 1, rejected: 0 });
    expect(await countOf('latin')).toBe(1);
  });

  it('timestamps of 1970 and 2100 are kept, and counted at the time they came in', async () => {
    const lines = ['1970-01-01T00:00:00Z', '2100-01-01T00:00:00Z', new Date().toISOString()].map((timestamp) =>
      JSON.stringify({ timestamp, service: 'clockless', level: 'INFO', message: 'what time is it' }),
    );
    expect(await (await agent.ingest(lines.join('\n'))).json()).toMatchObject({ accepted: 3, rejected: 0 });
    expect(await countOf('clockless')).toBe(3);
  });

  it('a line of 1 MB is rejected alone', async () => {
    const response = await agent.ingest(
      [good('before', 'long'), good('x'.repeat(1_000_000), 'long'), good('after', 'long')].join('\n'),
    );
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({
      accepted: 2,
      rejected: 1,
      errors: [{ line: 2, code: 'event_too_large' }],
    });
    expect(await countOf('long')).toBe(2);
  });

  it('what was refused is there for the console to show, without the text that was sent', async () => {
    const codes = await eventually('the rejections', 5000, async () => {
      const found = (await agent.rejections()).map((rejection) => rejection.code);
      return found.includes('unauthenticated') && found.includes('body_too_large') ? found : undefined;
    });
    expect(codes).toEqual(
      expect.arrayContaining(['invalid_json', 'unauthenticated', 'body_too_large', 'event_too_large']),
    );
    expect(JSON.stringify(await agent.rejections())).not.toContain('nonsense');
  });

  it('and the agent is as alive as before', async () => {
    expect((await fetch(`${agent.url}/livez`)).status).toBe(200);
    expect((await fetch(`${agent.url}/readyz`)).status).toBe(200);
  });
});
