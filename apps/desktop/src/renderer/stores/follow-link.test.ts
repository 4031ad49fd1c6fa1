import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeBridge } from '../testing/fake-bridge.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { Console } from './console.ts';
import { followLink, placeShown } from './follow-link.ts';
import { allRows, rowKey } from './inbox-filter.ts';

const ID = '01996f2a-77aa-7000-8000-1234567890ab';

describe('following a link', () => {
  let clock: FakeClock;
  let bridge: FakeBridge;
  let console: Console;

  beforeEach(async () => {
    clock = new FakeClock(1_767_229_200_000);
    bridge = new FakeBridge({ now: clock.now });
    let key = 0;
    console = new Console({
      bridge,
      now: clock.now,
      setTimer: clock.setTimer,
      shelf: { getItem: () => null, setItem: () => undefined },
      newKey: () => `key-${++key}-padded`,
    });
    await console.start();
    bridge.connect();
    clock.advance(300);
  });
  afterEach(() => console.stop());

  const said = () => console.incidents.toasts.state.getState().shown.map(({ text }) => text);

  it('stands on the incident, so that the next key is for it', () => {
    const row = allRows(console.incidents.desk.state.getState()).at(-1)!;
    followLink(console, { to: 'incident', incidentId: row.incident.incident_id, cluster: 'EU', tab: null });
    expect(console.view.getState().view).toBe('incidents');
    expect(console.incidents.inbox.state.getState().focused).toBe(rowKey(row));
    expect(placeShown(console)).toEqual({
      to: 'incident',
      incidentId: row.incident.incident_id,
      cluster: 'EU',
      tab: 'overview',
    });
  });

  it('changes nothing anywhere', () => {
    const before = allRows(console.incidents.desk.state.getState()).map(({ incident }) => incident);
    for (const { incident } of allRows(console.incidents.desk.state.getState())) {
      followLink(console, { to: 'incident', incidentId: incident.incident_id, cluster: null, tab: null });
    }
    clock.advance(60_000);
    expect(allRows(console.incidents.desk.state.getState()).map(({ incident }) => incident)).toEqual(before);
  });

  it('waits ten seconds for an incident that is not there yet, and then says so', () => {
    followLink(console, { to: 'incident', incidentId: ID, cluster: null, tab: null });
    clock.advance(9000);
    expect(said()).toEqual([]);
    clock.advance(2000);
    expect(said()[0]).toMatch(/no connected cluster tells of/);
  });

  it('names a cluster that is not connected instead of connecting to it', () => {
    followLink(console, { to: 'incident', incidentId: ID, cluster: 'APAC', tab: null });
    expect(said()).toEqual(['This link is for APAC, which is not connected here']);
  });

  it('shows a view as the link has it, and nothing in it does anything', () => {
    followLink(console, { to: 'view', view: 'feed', query: 'q=pool%20exhausted&levels=error&range=1h&ack=1' });
    expect(console.view.getState()).toMatchObject({
      view: 'feed',
      rangeId: '1h',
      feedFilter: { text: 'pool exhausted', levels: ['error'], template: null },
    });
  });

  it('opens a rule by its id alone, and says when nobody knows it', async () => {
    const { policyDeskOf } = await import('./policy-desk.ts');
    const answer = await bridge.rules({ agentId: 'agent-eu' });
    const [rule] = answer.ok ? answer.value : [];
    followLink(console, { to: 'rule', ruleId: rule!.rule_id });
    await expect.poll(() => policyDeskOf(console).places.getState().rule).toBe(`agent-eu ${rule!.rule_id}`);
    followLink(console, { to: 'rule', ruleId: ID });
    await expect.poll(said).toEqual(['This link is for a rule that no connected cluster tells of']);
  });

  it('shows a source alone and the stretch of time', () => {
    const [sourceId] = [...console.agent('agent-eu')!.sources.keys()];
    const span = { fromMs: clock.now() - 600_000, toMs: clock.now() - 300_000 };
    followLink(console, { to: 'heartbeat', clusters: ['EU'], sourceId: sourceId!, span });
    expect(console.view.getState()).toMatchObject({
      view: 'heartbeat',
      agentIds: ['agent-eu'],
      isolated: { agentId: 'agent-eu', sourceId },
      window: { type: 'fixed', ...span },
    });
    expect(placeShown(console)).toMatchObject({ to: 'heartbeat', clusters: ['EU'], sourceId, span });
  });
});
