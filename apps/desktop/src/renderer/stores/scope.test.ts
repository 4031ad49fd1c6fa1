import { aSource, anAnomaly } from '@sentinellog/shared/testing';
import { describe, expect, it } from 'vitest';
import { aSavedAgent } from '../testing/an-agent.ts';
import { applied, listed } from './agents-state.ts';
import { agentsInScope, anomaliesInScope, openCounts, sourcesInScope, worstOpen } from './scope.ts';

const agents = applied(
  listed(new Map(), [aSavedAgent({ agentId: 'eu', code: 'EU' }), aSavedAgent({ agentId: 'us', code: 'US' })]),
  [
    {
      type: 'snapshot',
      agentId: 'eu',
      sources: [
        aSource({ source_id: 'p', service: 'payment-service' }),
        aSource({ source_id: 'a', service: 'auth-service' }),
      ],
      anomalies: [
        anAnomaly({ event_id: '1', source_id: 'p', severity: 'P2', started_at_ms: 1000 }),
        anAnomaly({ event_id: '2', source_id: 'p', severity: 'P1', started_at_ms: 2000, state: 'early' }),
        anAnomaly({ event_id: '3', source_id: 'a', service: 'auth-service', state: 'recovered', last_outside_ms: 500 }),
        anAnomaly({ event_id: '4', source_id: 'a', service: 'auth-service', state: 'withdrawn' }),
      ],
    },
    {
      type: 'snapshot',
      agentId: 'us',
      sources: [aSource({ source_id: 'p', service: 'payment-service' })],
      anomalies: [anAnomaly({ event_id: '5', source_id: 'p', severity: 'P4', started_at_ms: 3000 })],
    },
  ],
);
const ALL = { agentIds: null, services: null };
const ids = (list: ReturnType<typeof anomaliesInScope>) => list.map(({ anomaly }) => anomaly.event_id);

describe('scope', () => {
  it('lists sources by name, then cluster', () => {
    expect(
      sourcesInScope(agents, ALL).map(({ source, agent: { saved } }) => `${source.service}@${saved.code}`),
    ).toEqual(['auth-service@EU', 'payment-service@EU', 'payment-service@US']);
  });

  it('narrows down to clusters and services', () => {
    expect(agentsInScope(agents, { agentIds: ['us', 'gone'] }).map(({ saved }) => saved.code)).toEqual(['US']);
    expect(sourcesInScope(agents, { agentIds: ['eu'], services: ['auth-service'] })).toHaveLength(1);
  });

  it('shows anomalies of the range newest first, open ones however old, withdrawn ones never', () => {
    expect(ids(anomaliesInScope(agents, ALL, 0))).toEqual(['3', '5', '2', '1']);
    expect(ids(anomaliesInScope(agents, ALL, 1e15))).toEqual(['5', '2', '1']);
    expect(ids(anomaliesInScope(agents, { agentIds: null, services: ['auth-service'] }, 0))).toEqual(['3']);
  });

  it('counts what is open, early ones too', () => {
    expect(openCounts(agents, ALL)).toEqual({ P1: 1, P2: 1, P3: 0, P4: 1 });
  });

  it('gives each source its loudest open anomaly', () => {
    expect([...worstOpen(agents.get('eu')!)].map(([source, { event_id }]) => [source, event_id])).toEqual([['p', '2']]);
  });
});
