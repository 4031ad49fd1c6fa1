import type { Rejection } from '@sentinellog/shared';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BridgeEvent } from '../../bridge/events.ts';
import { AgentVault, EMPTY_VAULT, type VaultFile } from '../agent-vault.ts';
import { AgentFleet } from './agent-fleet.ts';
import { openSocket } from './open-socket.ts';
import { HEALTH, json, problem, startFakeAgent, TOKEN, type FakeAgent } from './testing/fake-agent.ts';

const cipher = {
  unavailable: null,
  seal: async (token: string) => Buffer.from(`sealed ${btoa(token)}`),
  unseal: async (sealed: Buffer) => ({ token: atob(sealed.toString('utf8').slice('sealed '.length)), reseal: false }),
};

describe('the fleet', () => {
  let agent: FakeAgent;
  let fleet: AgentFleet;
  let disk: VaultFile;
  let events: BridgeEvent[];
  let log: string[];

  const file = {
    read: async () => disk,
    write: async (value: VaultFile) => {
      disk = value;
    },
  };
  const assemble = async () =>
    new AgentFleet({
      vault: await AgentVault.open(file, cipher),
      fetch,
      openSocket,
      now: Date.now,
      setTimer: (run, ms) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
      random: () => 0,
      send: (event) => events.push(event),
      log: (event, detail) => log.push(`${event} ${detail}`),
    });
  const states = (agentId: string) =>
    events.flatMap((event) =>
      event.type === 'connection' && event.agentId === agentId ? [event.connection.type] : [],
    );
  const added = async (url = agent.url) => {
    const answer = await fleet.add({ url, token: TOKEN }, 'saved');
    if (!answer.ok) throw new Error(answer.error.detail);
    await vi.waitFor(() => expect(states(answer.value.agentId)).toContain('open'));
    return answer.value;
  };

  beforeEach(async () => {
    agent = await startFakeAgent();
    disk = EMPTY_VAULT;
    events = [];
    log = [];
    fleet = await assemble();
  });
  afterEach(async () => {
    fleet.stop();
    await agent.close();
  });

  it('adds an agent that answers, under the name it gives itself', async () => {
    const saved = await added();
    expect(saved).toMatchObject({ name: 'Europe', code: 'EU', url: agent.url, colour: 0, tokenKept: true });
    expect(agent.hellos).toEqual([TOKEN]);
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['agents', 'hello', 'snapshot', 'connection']),
    );
  });

  it.each([
    ['a wrong token', () => undefined, 'slt_wrong', 'wrong_token'],
    ['a token with a line in it', () => undefined, 'slt\r\nx-evil: 1', 'bad_token'],
    [
      'a token that may only send logs',
      (fake: FakeAgent) => fake.on('/v1/me', json({ name: 'n', role: 'viewer', scopes: ['ingest'] })),
      TOKEN,
      'forbidden',
    ],
    [
      'another server',
      (fake: FakeAgent) => fake.on('/v1/me', (_request, response) => response.end('<html>')),
      TOKEN,
      'not_an_agent',
    ],
  ])('does not keep %s', async (_what, prepare, token, code) => {
    prepare(agent);
    expect(await fleet.add({ url: agent.url, token }, 'saved')).toMatchObject({ ok: false, error: { code } });
    expect(fleet.list()).toEqual([]);
    expect(disk).toEqual(EMPTY_VAULT);
  });

  it('takes the host as a name where the token may not ask for one, until the stream says it', async () => {
    agent.on('/v1/agent', json(problem('forbidden', 403), 403));
    const answer = await fleet.add({ url: agent.url, token: TOKEN }, 'saved');
    expect(answer).toMatchObject({ ok: true, value: { name: new URL(agent.url).host } });
    await vi.waitFor(() => expect(fleet.list()[0]?.name).toBe('Europe'));
  });

  it('replaces the token of an agent that it knows instead of listing it twice', async () => {
    const first = await added();
    const again = await added();
    expect(again.agentId).toBe(first.agentId);
    expect(fleet.list()).toHaveLength(1);
  });

  it('is connected again after a restart', async () => {
    const { agentId } = await added();
    fleet.stop();
    events = [];
    fleet = await assemble();
    fleet.start();
    await vi.waitFor(() => expect(states(agentId)).toContain('open'));
  });

  it('says that an agent is gone and comes back to it', async () => {
    const { agentId } = await added();
    agent.cut();
    await vi.waitFor(() => expect(states(agentId)).toContain('reconnecting'));
    await vi.waitFor(() => expect(states(agentId).at(-1)).toBe('open'), { timeout: 5000 });
  });

  it('tells a page that comes later what was said before', async () => {
    const { agentId } = await added();
    agent.say({ type: 'health', health: HEALTH });
    await vi.waitFor(() => expect(events.at(-1)?.type).toBe('health'));
    events = [];
    fleet.replay();
    expect(events.map(({ type }) => type)).toEqual(['hello', 'snapshot', 'health']);
    expect(events.every((event) => event.type !== 'agents' && event.type !== 'link' && event.agentId === agentId)).toBe(
      true,
    );
  });

  it('asks with the agent’s token and gives the answer on', async () => {
    const { agentId } = await added();
    agent.on('/v1/anomalies', json({ anomalies: [], next_cursor: null }));
    expect(await fleet.anomalies({ agentId, fromMs: 1000.4, toMs: 2000 })).toEqual({ ok: true, value: [] });
    expect(agent.requests.at(-1)).toMatchObject({ url: '/v1/anomalies?from=1000&to=2000&limit=1000' });
    expect(await fleet.anomaly(agentId, '../keys')).toMatchObject({ ok: false, error: { code: 'not_found' } });
    expect(agent.requests.at(-1)?.url).toBe('/v1/anomalies/..%2Fkeys');
    await fleet.patchSource(agentId, 's1', { sensitivity: 'high' });
    expect(agent.requests.at(-1)).toMatchObject({ method: 'PATCH', url: '/v1/sources/s1' });
    expect(agent.requests.at(-1)?.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('forgets the tokens at a sign-out, and says so', async () => {
    const { agentId } = await added();
    expect(await fleet.signOut()).toEqual({ ok: true, value: null });
    expect(states(agentId).at(-1)).toBe('refused');
    expect(
      await fleet.heartbeats({ agentId, sources: [], signal: 'volume', fromMs: 0, toMs: 1, stepSeconds: 1 }),
    ).toMatchObject({
      ok: false,
      error: { code: 'no_token' },
    });
    expect(disk.agents).toMatchObject([{ agentId, sealedToken: null }]);
  });

  it('forgets an agent that is removed', async () => {
    const { agentId } = await added();
    expect(await fleet.remove(agentId)).toEqual({ ok: true, value: null });
    expect(fleet.list()).toEqual([]);
    expect(disk).toEqual(EMPTY_VAULT);
    expect(await fleet.remove(agentId)).toMatchObject({ ok: false, error: { code: 'unknown_agent' } });
  });

  it('lets one agent’s flood reach neither the page unbounded nor another agent at all', async () => {
    const { agentId } = await added();
    const quiet = await startFakeAgent();
    const other = await added(quiet.url);
    const rejection: Rejection = {
      at_ms: 1,
      protocol: 'http',
      remote: '10.0.0.4',
      key_id: null,
      code: 'unauthenticated',
      detail: 'wrong key',
      events: 1,
      errors: [],
    };
    for (let i = 0; i < 5000; i++) agent.say({ type: 'rejection', rejection });
    await vi.waitFor(() => expect(events.filter(({ type }) => type === 'rejection').length).toBeGreaterThan(400));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(events.filter(({ type }) => type === 'rejection').length).toBeLessThanOrEqual(1000);
    expect(states(other.agentId).at(-1)).toBe('open');
    expect(fleet.list().map((each) => each.agentId)).toEqual([agentId, other.agentId]);
    fleet.stop();
    await quiet.close();
  });

  it('is not brought down by an agent that sends rubbish', async () => {
    const { agentId } = await added();
    const rubbish = [
      '',
      '{',
      'null',
      '[]',
      '{"type":"snapshot"}',
      '{"type":"anomaly","seq":1,"anomaly":{}}',
      '\u0000',
      '"' + 'x'.repeat(300_000) + '"',
    ];
    for (const text of rubbish) agent.say(text);
    await vi.waitFor(() => expect(states(agentId).at(-1)).toBe('refused'));
    expect(fleet.list()[0]?.connection).toMatchObject({ type: 'refused' });
    // A person may try again; the agent behaves now.
    expect(fleet.retry(agentId)).toEqual({ ok: true, value: null });
    await vi.waitFor(() => expect(states(agentId).at(-1)).toBe('open'));
  });

  it('writes no token to its log', async () => {
    await added();
    expect(log.join('\n')).not.toContain(TOKEN);
  });
});
