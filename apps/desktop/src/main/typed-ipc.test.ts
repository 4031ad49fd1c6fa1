import { beforeEach, describe, expect, it, vi } from 'vitest';
import { CALL_NAMES, type CallName } from '../bridge/calls.ts';
import { callChannel } from '../bridge/channels.ts';
import { DEFAULT_DESKTOP_SETTINGS } from '../bridge/desktop.ts';
import { type CallHandlers, serveCalls } from './typed-ipc.ts';

type Listener = (event: { senderFrame: unknown }, argument: unknown) => Promise<unknown>;
const { channels } = vi.hoisted(() => ({ channels: new Map<string, Listener>() }));
vi.mock('electron', () => ({
  ipcMain: { handle: (channel: string, listener: Listener) => void channels.set(channel, listener) },
}));

const OUR_PAGE = { origin: 'sentinel://app', url: 'sentinel://app/index.html', parent: null };
const RULE = {
  name: 'Error spike',
  severity: 'P2',
  condition: { kind: 'count', above: 5 },
  window_seconds: 60,
  message: '{count} errors of {service}',
};
const GOOD: Record<CallName, unknown> = {
  listAgents: undefined,
  addAgent: { url: 'https://eu.example.com', token: 'slt_1' },
  removeAgent: { agentId: 'a1' },
  retryAgent: { agentId: 'a1' },
  heartbeats: { agentId: 'a1', sources: [], signal: 'volume', fromMs: 0, toMs: 60_000, stepSeconds: 1 },
  anomalies: { agentId: 'a1', fromMs: 0, toMs: 60_000 },
  anomaly: { agentId: 'a1', eventId: 'e1' },
  patchSource: { agentId: 'a1', sourceId: 's1', patch: { sensitivity: 'high' } },
  me: { agentId: 'a1' },
  incident: { agentId: 'a1', incidentId: 'i1' },
  actOnIncident: { agentId: 'a1', incidentId: 'i1', version: 3, key: '0123456789abcdef', action: { action: 'ack' } },
  actOnIncidents: {
    agentId: 'a1',
    key: '0123456789abcdef',
    action: { action: 'resolve', resolution: 'noise' },
    items: [{ id: 'i1', version: 3 }],
  },
  timeline: { agentId: 'a1', incidentId: null, cursor: null, limit: 200 },
  alertSummary: { agentId: 'a1' },
  healthMap: { agentId: 'a1' },
  rules: { agentId: 'a1' },
  saveRule: { agentId: 'a1', existing: { id: 'r1', version: 2 }, rule: RULE },
  removeRule: { agentId: 'a1', existing: { id: 'r1', version: 2 } },
  importRules: { agentId: 'a1', document: '{"schemaVersion":1,"rules":[]}', mode: 'preview' },
  dryRunRule: { agentId: 'a1', rule: RULE },
  silences: { agentId: 'a1' },
  endSilence: { agentId: 'a1', silenceId: 's1' },
  windows: { agentId: 'a1' },
  saveWindow: {
    agentId: 'a1',
    existing: null,
    window: {
      id: 'reindex',
      name: 'Reindex',
      reason: 'planned',
      time_zone: 'Europe/Berlin',
      from_date: '2026-01-03',
      starts: '22:00',
      ends: '04:00',
      repeats: { every: 'once' },
    },
  },
  removeWindow: { agentId: 'a1', existing: { id: 'reindex', version: 1 } },
  explainRouting: {
    agentId: 'a1',
    question: { type: 'example', example: { services: ['payment-service'], severity: 'P1', tags: [] } },
  },
  hooks: { agentId: 'a1' },
  saveHook: {
    agentId: 'a1',
    existing: { id: 'h1', version: 1 },
    hook: { name: 'Restart', effect: 'restart', url: 'https://hooks.example.com/restart', body: '{}' },
  },
  hookRuns: { agentId: 'a1', hookId: 'h1' },
  previewHook: { agentId: 'a1', incidentId: 'i1', hookId: 'h1' },
  runHook: { agentId: 'a1', incidentId: 'i1', hookId: 'h1', key: '0123456789abcdef', confirm: 'EU' },
  explain: { agentId: 'a1', explanationId: 'x1', request: { from: 0, to: 60_000, order: 'biggest', limit: 50 } },
  stopExplaining: { explanationId: 'x1' },
  templates: { agentId: 'a1', query: { order: 'count', limit: 100 } },
  template: { agentId: 'a1', templateId: 'a1f3c09e55d20b71', fromMs: 0, toMs: 60_000, stepSeconds: 600 },
  patchTemplate: { agentId: 'a1', templateId: 'a1f3c09e55d20b71', patch: { pinned: true } },
  createSilence: {
    agentId: 'a1',
    key: '0123456789abcdef',
    silence: {
      scope: { kind: 'template', template_id: 'a1f3c09e55d20b71', service: null },
      reason: 'known, ticket 4711',
      ends_at_ms: null,
      until_worse: true,
    },
  },
  sensitivityLadder: { agentId: 'a1', sourceId: 's1' },
  watchLines: { agentIds: ['a1'], wish: { filter: {}, rate: 500 } },
  watchSignal: { signal: 'error_rate' },
  signOut: undefined,
  makeKey: { agentId: 'a1', name: 'checkout pods' },
  keys: { agentId: 'a1' },
  sendTestLine: { agentId: 'a1', key: 'slk_1' },
  makeSlackChannel: { agentId: 'a1', channelId: 'slack', url: 'https://hooks.slack.com/services/T/B/x' },
  testChannel: { agentId: 'a1', channelId: 'slack' },
  desktop: undefined,
  setDesktop: DEFAULT_DESKTOP_SETTINGS,
  labelAgent: { agentId: 'a1', code: 'EU', colour: 3 },
  tryNotification: undefined,
  openWindow: { kind: 'wallboard' },
};

describe('calls from the page', () => {
  const handled: CallName[] = [];
  const log: string[] = [];
  const call = (name: CallName, argument: unknown, senderFrame: unknown = OUR_PAGE) =>
    channels.get(callChannel(name))!({ senderFrame }, argument);

  beforeEach(() => {
    channels.clear();
    handled.length = 0;
    log.length = 0;
    const none = { ok: false, error: { code: 'test', detail: 'test', retryable: false } } as const;
    const note = (name: CallName) => async () => {
      handled.push(name);
      return none;
    };
    const handlers: CallHandlers = {
      listAgents: async () => {
        handled.push('listAgents');
        return [];
      },
      addAgent: note('addAgent'),
      removeAgent: note('removeAgent'),
      retryAgent: note('retryAgent'),
      heartbeats: note('heartbeats'),
      anomalies: note('anomalies'),
      anomaly: note('anomaly'),
      patchSource: note('patchSource'),
      me: note('me'),
      incident: note('incident'),
      actOnIncident: note('actOnIncident'),
      actOnIncidents: note('actOnIncidents'),
      timeline: note('timeline'),
      alertSummary: note('alertSummary'),
      healthMap: note('healthMap'),
      rules: note('rules'),
      saveRule: note('saveRule'),
      removeRule: note('removeRule'),
      importRules: note('importRules'),
      dryRunRule: note('dryRunRule'),
      silences: note('silences'),
      endSilence: note('endSilence'),
      windows: note('windows'),
      saveWindow: note('saveWindow'),
      removeWindow: note('removeWindow'),
      explainRouting: note('explainRouting'),
      hooks: note('hooks'),
      saveHook: note('saveHook'),
      hookRuns: note('hookRuns'),
      previewHook: note('previewHook'),
      runHook: note('runHook'),
      explain: note('explain'),
      stopExplaining: note('stopExplaining'),
      templates: note('templates'),
      template: note('template'),
      patchTemplate: note('patchTemplate'),
      createSilence: note('createSilence'),
      sensitivityLadder: note('sensitivityLadder'),
      watchLines: note('watchLines'),
      watchSignal: note('watchSignal'),
      signOut: note('signOut'),
      makeKey: note('makeKey'),
      keys: note('keys'),
      sendTestLine: note('sendTestLine'),
      makeSlackChannel: note('makeSlackChannel'),
      testChannel: note('testChannel'),
      desktop: async () => {
        handled.push('desktop');
        return null;
      },
      setDesktop: note('setDesktop'),
      labelAgent: note('labelAgent'),
      tryNotification: note('tryNotification'),
      openWindow: note('openWindow'),
    };
    serveCalls(handlers, (event, detail) => log.push(`${event} ${detail}`));
  });

  it('are handled, each by its own handler, and there is no other channel', async () => {
    for (const name of CALL_NAMES) await call(name, GOOD[name]);
    expect(handled).toEqual(CALL_NAMES);
    expect([...channels.keys()]).toEqual(CALL_NAMES.map(callChannel));
  });

  it.each([
    ['another origin', { ...OUR_PAGE, origin: 'https://evil.example' }],
    ['an origin that begins like ours', { ...OUR_PAGE, origin: 'sentinel://app.evil.example' }],
    ['a file', { ...OUR_PAGE, origin: 'null', url: 'file:///tmp/page.html' }],
    ['a frame inside our page', { ...OUR_PAGE, parent: OUR_PAGE }],
    ['a frame that is gone', null],
  ])('from %s are never handled', async (_who, frame) => {
    for (const name of CALL_NAMES) await expect(call(name, GOOD[name], frame)).rejects.toThrow(/own page/);
    expect(handled).toEqual([]);
    expect(log).toHaveLength(CALL_NAMES.length);
  });

  it('with a wrong argument are never handled', async () => {
    const wrong: unknown[] = [
      null,
      0,
      'text',
      [],
      { agentId: 5 },
      { agentId: 'a1', more: true },
      { __proto__: null, x: 1 },
    ];
    for (const name of CALL_NAMES) {
      for (const argument of wrong) await expect(call(name, argument)).rejects.toThrow(/does not take/);
    }
    const { patch: _patch, ...half } = GOOD.patchSource as { patch: unknown };
    await expect(call('patchSource', half)).rejects.toThrow();
    await expect(call('patchSource', { ...half, patch: { role: 'admin' } })).rejects.toThrow();
    await expect(call('heartbeats', { ...(GOOD.heartbeats as object), fromMs: Number.NaN })).rejects.toThrow();
    await expect(call('addAgent', { url: 'x'.repeat(5000), token: '' })).rejects.toThrow();
    expect(handled).toEqual([]);
  });

  it('that are refused say why without repeating what came', async () => {
    await expect(call('addAgent', { url: 'https://x', token: { secret: 'slt_hidden' } })).rejects.not.toThrow(
      /slt_hidden/,
    );
    expect(log.join()).not.toContain('slt_hidden');
  });
});
