import type { Rejection } from '@sentinellog/shared';
import { aSource, anAnomaly } from '@sentinellog/shared/testing';
import { describe, expect, it } from 'vitest';
import type { BridgeEvent } from '../../bridge/events.ts';
import { aSavedAgent } from '../testing/an-agent.ts';
import { applied, listed } from './agents-state.ts';

const EU = aSavedAgent();

const REJECTION: Rejection = {
  at_ms: 1_767_229_200_000,
  protocol: 'http',
  remote: '10.0.0.4',
  key_id: null,
  code: 'unauthenticated',
  detail: 'the ingest key is not known to this agent',
  events: 3,
  errors: [],
};

const start = () => listed(new Map(), [EU]);
const eu = (...events: BridgeEvent[]) => applied(start(), events).get('agent-eu')!;

describe('agents', () => {
  it('keep what is known of them when the list is read again', () => {
    const known = applied(start(), [{ type: 'source', agentId: 'agent-eu', source: aSource() }]);
    const again = listed(known, [EU, { ...EU, agentId: 'agent-us', code: 'US' }]);
    expect(again.get('agent-eu')?.sources.size).toBe(1);
    expect(again.get('agent-us')?.sources.size).toBe(0);
    expect(listed(again, []).size).toBe(0);
  });

  it('take their name and code from the agent itself', () => {
    const agent = { agent_id: 'a', name: 'frankfurt', code: 'FRA', version: '0.1.0', started_at_ms: 0 };
    expect(eu({ type: 'hello', agentId: 'agent-eu', agent }).saved).toMatchObject({ name: 'frankfurt', code: 'FRA' });
  });

  it('forget sources that a snapshot no longer names, and keep older anomalies', () => {
    const after = eu(
      { type: 'source', agentId: 'agent-eu', source: aSource({ source_id: 'gone' }) },
      { type: 'anomaly', agentId: 'agent-eu', anomaly: anAnomaly({ event_id: 'old' }) },
      { type: 'snapshot', agentId: 'agent-eu', sources: [aSource()], anomalies: [anAnomaly()] },
    );
    expect([...after.sources.keys()]).toEqual([aSource().source_id]);
    expect([...after.anomalies.keys()]).toEqual(['old', anAnomaly().event_id]);
  });

  it('replace an anomaly by its newer state', () => {
    const after = eu(
      { type: 'anomaly', agentId: 'agent-eu', anomaly: anAnomaly({ state: 'early' }) },
      { type: 'anomaly', agentId: 'agent-eu', anomaly: anAnomaly({ state: 'open' }) },
    );
    expect([...after.anomalies.values()].map(({ state }) => state)).toEqual(['open']);
  });

  it('bound their anomalies in a storm, and let go of the oldest that are over first', () => {
    const storm = Array.from({ length: 2010 }, (_, i): BridgeEvent => {
      const open = i < 5;
      return {
        type: 'anomaly',
        agentId: 'agent-eu',
        anomaly: anAnomaly({ event_id: `a${i}`, started_at_ms: i, ended_at_ms: open ? null : i + 1 }),
      };
    });
    const { anomalies } = eu(...storm);
    expect(anomalies.size).toBe(2000);
    expect(anomalies.has('a0')).toBe(true);
    expect(anomalies.has('a5')).toBe(false);
    expect(anomalies.has('a15')).toBe(true);
  });

  it('show the newest rejections first and count all of them', () => {
    const many = Array.from(
      { length: 230 },
      (_, i): BridgeEvent => ({
        type: 'rejection',
        agentId: 'agent-eu',
        rejection: { ...REJECTION, events: i },
      }),
    );
    const { rejections, rejectionsSeen } = eu(...many);
    expect(rejections).toHaveLength(200);
    expect(rejections[0]).toMatchObject({ number: 230, rejection: { events: 229 } });
    expect(rejectionsSeen).toBe(230);
  });

  it('are not touched by each other, nor by events of an agent that has gone', () => {
    const before = listed(new Map(), [EU, { ...EU, agentId: 'agent-us' }]);
    const after = applied(before, [
      { type: 'source', agentId: 'agent-us', source: aSource() },
      { type: 'source', agentId: 'agent-gone', source: aSource() },
    ]);
    expect(after.get('agent-eu')).toBe(before.get('agent-eu'));
    expect([...after.keys()]).toEqual(['agent-eu', 'agent-us']);
  });
});
