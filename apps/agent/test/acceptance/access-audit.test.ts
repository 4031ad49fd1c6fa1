import { AuditListSchema } from '@sentinellog/shared';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AgentProcess, eventually } from './agent-process.ts';
import { ConsoleStream } from './console-stream.ts';

const agent = new AgentProcess({ keepsLog: true });
beforeAll(() => agent.start(), 120_000);
afterAll(() => agent.remove());

const entriesOf = async (action: string) => {
  const { entries } = AuditListSchema.parse(await agent.get('/v1/audit?limit=1000'));
  return entries.filter((entry) => entry.action === action);
};

it('the audit says who came in, who was turned away and what was taken out, however hard somebody knocks', async () => {
  const { adminToken } = agent.credentials;
  const signIn = (token: string) =>
    fetch(`${agent.url}/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
  expect((await signIn(adminToken)).status).toBe(200);
  const stream = await ConsoleStream.open(agent.url, adminToken);
  const knocks = 300;
  for (let knock = 0; knock < knocks; knock++) expect((await signIn(`slt_wrong-${knock}`)).status).toBeGreaterThan(400);
  const { token } = (await agent.post('/v1/tokens', { name: 'Vera', role: 'viewer' })).body as { token: string };
  const forbidden = await fetch(`${agent.url}/v1/keys`, { headers: { authorization: `Bearer ${token}` } });
  expect(forbidden.status).toBe(403);
  for (const path of ['/v1/config/export', '/v1/alerts/policies/export?format=yaml'])
    expect((await fetch(agent.url + path, { headers: { authorization: `Bearer ${adminToken}` } })).status).toBe(200);
  const signIns = await eventually('both sign-ins in the audit', 20_000, async () => {
    const found = await entriesOf('access.signed_in');
    return found.length === 2 ? found : undefined;
  });
  expect(new Set(signIns.map(({ detail }) => detail['via']))).toEqual(new Set(['browser', 'stream']));
  // The first administrator's own, and Vera's.
  expect(await entriesOf('token.create')).toHaveLength(2);
  expect((await entriesOf('config.export')).map(({ object }) => object).toSorted()).toEqual(['routing', 'rules']);
  stream.close();

  // What is not due yet is written at a stop.
  await agent.stop();
  await agent.start();
  const denials = await entriesOf('access.denied');
  expect(denials.length).toBeLessThanOrEqual(5);
  expect(denials.reduce((sum, { detail }) => sum + Number(detail['count']), 0)).toBe(knocks + 1);
  expect(denials.map(({ actor }) => actor).join()).toContain('Vera');
  const everything = JSON.stringify(await entriesOf('access.denied')) + JSON.stringify(signIns);
  expect(everything).not.toContain('slt_');
  expect(await agent.runToEnd('audit', 'verify', `--data-dir=${agent.dataDir}`)).toMatchObject({ code: 0 });
}, 120_000);
