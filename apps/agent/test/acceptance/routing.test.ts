import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RoutingExplanationSchema, SilenceListSchema, SilenceSchema } from '@sentinellog/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { AgentProcess, eventually } from './agent-process.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../../../../docs/routing.yaml', import.meta.url));
const agent = new AgentProcess();
beforeAll(() => agent.start());
afterAll(() => agent.remove());

function config(...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [MAIN, 'config', ...words, '--data-dir', agent.dataDir],
    { encoding: 'utf8', timeout: 60_000 },
  );
  return { status, stdout, stderr };
}

async function send(method: string, path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(agent.url + path, {
    method,
    headers: {
      authorization: `Bearer ${agent.credentials.adminToken}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

// Each command is a process of its own, on machines that do other things as well.
describe('routing, on a whole agent', { timeout: 90_000 }, () => {
  it('takes the example, shows what it took, and then finds no difference', () => {
    const difference = config('diff', EXAMPLE);
    expect(difference.status).toBe(1);
    expect(difference.stdout.split('\n')).toEqual([
      '+ calendar office',
      '+ person maria',
      '+ person jonas',
      '+ team payments',
      '+ policy payments',
      '+ escalation payments',
      '+ window patch-tuesday',
      '7 documents would change',
      '',
    ]);
    expect(config('import', EXAMPLE)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('7 documents changed'),
    });
    const out = join(agent.dataDir, 'export.yaml');
    expect(config('export', '--out', out).status).toBe(0);
    expect(config('diff', out)).toMatchObject({ status: 0, stdout: '0 documents would change\n' });
    expect(parse(readFileSync(out, 'utf8'))).toMatchObject({ schemaVersion: 1, teams: [{ id: 'payments' }] });
  });

  it('refuses a document that is not one, with the place, and takes none of it', () => {
    const file = join(agent.dataDir, 'broken.yaml');
    writeFileSync(file, 'schemaVersion: 1\nteams: []\nwindows: []\npeople:\n  - { id: NOBODY, name: x, role: king }\n');
    const refused = config('import', file);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('people.0.id: expected lower-case letters');
    expect(refused.stderr).toContain('people.0.role');
    writeFileSync(file, 'schemaVersion: 1\nteams: []\n');
    expect(config('import', file).stderr).toContain('the policy payments names the team payments, whom there is not');
    expect(config('diff', EXAMPLE).status).toBe(0);
  });

  it('says why nobody hears of an incident, and shows when a window is in effect next', async () => {
    const example = { services: ['payment-service'], severity: 'P2' };
    const { body } = await send('POST', '/v1/routing:explain', { example, at_ms: Date.UTC(2026, 0, 21, 3) });
    const explanation = RoutingExplanationSchema.parse(body);
    expect(explanation.summary).toBe('A P2 like this reaches nobody: there is no channel slack-payments.');
    expect(explanation.escalation.map((step) => step.after_minutes)).toEqual([5, 15, 35, 45, 65, 75, 95, 105]);
    const { windows } = (await agent.get('/v1/maintenance-windows')) as { windows: { next: unknown[] }[] };
    expect(windows[0]?.next).toHaveLength(3);
  });

  it('keeps documents and silences over a kill', async () => {
    const made = await send('POST', '/v1/silences', {
      scope: { kind: 'service', service: 'payment-service' },
      reason: 'deploy of 4.2',
    });
    expect(made.status).toBe(201);
    const { silence_id } = SilenceSchema.parse(made.body);
    await agent.kill9();
    await agent.start();
    expect(config('diff', EXAMPLE).status).toBe(0);
    const { silences } = SilenceListSchema.parse(await agent.get('/v1/silences'));
    expect(silences).toMatchObject([{ silence_id, created_by: 'first admin', ended_at_ms: null }]);
    const ended = await send('DELETE', `/v1/silences/${silence_id}`, undefined);
    expect(ended.body).toMatchObject({ ended_because: 'removed', hid: { alerts: 0 } });
    const notice = await eventually('the bill of the silence', 10_000, async () => {
      const { notices } = (await agent.get('/v1/routing-notices')) as { notices: { text: string }[] };
      return notices[0];
    });
    expect(notice.text).toBe(
      'The silence of service payment-service by first admin (deploy of 4.2) was taken back. It hid nothing.',
    );
  });

  it('lets nobody overwrite what another has changed', async () => {
    const team = { id: 'payments', name: 'Pay', members: ['maria'], channels: [] };
    expect((await send('PUT', '/v1/teams/payments', team)).body).toMatchObject({
      code: 'invalid_request',
      detail: 'send If-Match with the version that you have changed, for instance "3"',
    });
    expect((await send('PUT', '/v1/teams/payments', team, { 'if-match': '"1"' })).body).toMatchObject({ version: 2 });
    const late = await send('PUT', '/v1/teams/payments', { ...team, name: 'Late' }, { 'if-match': '"1"' });
    expect(late).toMatchObject({
      status: 409,
      body: { code: 'conflict', current: { name: 'Pay', version: 2 }, changed_by: 'first admin' },
    });
  });
});
