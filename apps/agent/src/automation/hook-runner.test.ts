import { createHmac } from 'node:crypto';
import type { Hook, HookRun, Incident } from '@sentinellog/shared';
import { aHook, anIncident } from '@sentinellog/shared/testing';
import { describe, expect, it } from 'vitest';
import { type HookFetch, HookRunner } from './hook-runner.ts';
import { checkTemplate, filledTemplate } from './hook-template.ts';

const NOW = 1_767_229_200_000;

const incidentOfTwo = (overrides: Partial<Incident> = {}) =>
  anIncident({
    title: 'payment-service: error rate 31 %',
    services: ['payment-service', 'order-service'],
    ...overrides,
  });

/** A runner over one hook, with everything that it sent and told. */
function aRunner(hook: Partial<Hook> = {}, fetch: HookFetch = async () => ({ status: 200, text: '{"ok":true}' })) {
  const sent: Parameters<HookFetch>[] = [];
  const told: HookRun[] = [];
  const begun = new Map<string, HookRun>();
  let ids = 0;
  const runner = new HookRunner({
    store: {
      one: async (id) => (id === aHook().hook_id ? aHook(hook) : null),
      secretOf: async () => 'correct horse battery',
      begin: async (run, key) => {
        const known = begun.get(key);
        if (known === undefined) begun.set(key, run);
        return { run: known ?? run, isNew: known === undefined };
      },
      finish: async () => undefined,
    },
    incident: async (id) => (id === incidentOfTwo().incident_id ? incidentOfTwo() : null),
    fetch: (...request) => {
      sent.push(request);
      return fetch(...request);
    },
    onRun: (run) => told.push(run),
    onNotKept: () => undefined,
    now: () => NOW,
    newId: () => `run-${++ids}`,
    cluster: 'EU',
  });
  const run = async (more: { confirm?: string; key?: string } = {}) => {
    const how = { by: 'Otto', idempotencyKey: more.key ?? 'key-00001', confirm: more.confirm };
    const states: HookRun[] = [];
    for await (const state of runner.run(incidentOfTwo().incident_id, aHook().hook_id, how)) states.push(state);
    return states;
  };
  return { runner, sent, told, run };
}

describe('HookRunner', () => {
  it('sends the filled body once, signed, and tells how it went', async () => {
    const { run, sent, told } = aRunner();
    const states = await run();
    expect(states.map(({ state }) => state)).toEqual(['running', 'succeeded']);
    const [url, { body, headers }] = sent[0];
    expect(url).toBe('https://ops.example.com/hooks/restart');
    expect(JSON.parse(body)).toEqual({
      service: 'payment-service',
      why: 'INC-20260101010000: payment-service: error rate 31 %',
    });
    const mac = createHmac('sha256', 'correct horse battery')
      .update(`v1:${NOW / 1000}:${body}`)
      .digest('hex');
    expect(headers).toMatchObject({ 'x-sentinel-signature': `v1=${mac}`, 'idempotency-key': 'run-1' });
    expect(told).toEqual(states);
  });

  it('is sent although whoever asked for it hangs up after the first word', async () => {
    const { runner, sent, told } = aRunner();
    const how = { by: 'Otto', idempotencyKey: 'key-00001', confirm: undefined };
    for await (const { state } of runner.run(anIncident().incident_id, aHook().hook_id, how)) {
      expect(state).toBe('running');
      break;
    }
    await expect.poll(() => told.map(({ state }) => state)).toEqual(['running', 'succeeded']);
    expect(sent).toHaveLength(1);
  });

  it('runs once a key, however often it is asked', async () => {
    const { run, sent } = aRunner();
    await run();
    expect((await run()).map(({ run_id }) => run_id)).toEqual(['run-1']);
    await run({ key: 'key-00002' });
    expect(sent).toHaveLength(2);
  });

  it.each([
    ['it is switched off', { enabled: false }, {}, 'is switched off'],
    ['it is for other services', { services: ['search-*'] }, {}, 'is not for payment-service, order-service'],
    ['it is protected and no code was typed', { protected: true }, {}, "confirm must be this cluster's code, EU"],
    ['it is protected and another code was typed', { protected: true }, { confirm: 'US' }, 'EU'],
  ])('sends nothing when %s', async (_name, hook, how, words) => {
    const { run, sent } = aRunner(hook);
    await expect(run(how)).rejects.toThrow(words);
    expect(sent).toEqual([]);
  });

  it('runs a protected one with the code', async () => {
    expect((await aRunner({ protected: true }).run({ confirm: 'EU' })).at(-1)?.state).toBe('succeeded');
  });

  it('tells a refusal and a failure of the other side apart from a success', async () => {
    const refused = await aRunner({}, async () => ({ status: 403, text: 'no' })).run();
    expect(refused.at(-1)).toMatchObject({ state: 'failed', status_code: 403, answer: 'no' });
    const gone = await aRunner({}, () => Promise.reject(new Error('10.0.0.1 is a private address'))).run();
    expect(gone.at(-1)).toMatchObject({ state: 'failed', status_code: null, answer: '10.0.0.1 is a private address' });
  });

  it('previews exactly what it would send, and why it would not', async () => {
    const last_run = {
      run_id: 'r',
      hook_id: 'h',
      hook_name: 'n',
      incident_id: 'i',
      at_ms: NOW - 100_000,
      by: 'Mia',
      state: 'succeeded',
      status_code: 200,
      answer: '',
      took_ms: 5,
    } as const;
    const { runner, sent, run } = aRunner({ last_run, cooldown_seconds: 300 });
    const preview = await runner.preview(incidentOfTwo().incident_id, aHook().hook_id);
    expect(preview).toMatchObject({
      cooldown_left_seconds: 200,
      refused_because: 'it ran 100 s ago',
      needs_code: null,
    });
    await run();
    expect(sent[0]?.[1].body).toBe(preview.body);
  });
});

describe('filledTemplate', () => {
  it('stays JSON whatever the values hold', () => {
    const hostile = incidentOfTwo({ title: '"}, "admin": true, "x": {"y": "{{cluster}}' });
    expect(JSON.parse(filledTemplate('{"text": "{{ incident.title }}"}', hostile, 'EU'))).toEqual({
      text: hostile.title,
    });
  });

  it.each([
    ['{"text": ', 'must be JSON'],
    ['{"text": "{{incident.secret}}"}', 'there is no {{incident.secret}}'],
    ['{"text": "{{constructor}}"}', 'there is no {{constructor}}'],
  ])('refuses %s', (body, words) => {
    expect(() => checkTemplate(body)).toThrow(words);
  });
});
