import type { HealthMap, Incident } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { anAlert, anIncident as without } from '../testing/an-incident.ts';
import { withIncidents } from './service-health.ts';

const ALERT = anAlert({ severity: 'P1' });
const anIncident = (overrides: Partial<Incident> = {}) => without({ alerts: [ALERT], ...overrides });
const mapOf = (health: HealthMap['nodes'][number]['health']): HealthMap => ({
  at_ms: 0,
  nodes: [
    {
      service: 'payment-service',
      source_ids: [ALERT.source_id],
      health,
      events_per_second: 10,
      error_share: 0,
      last_seen_ms: 0,
      incident_ids: [],
    },
  ],
  edges: [],
});
const seen = (health: Parameters<typeof mapOf>[0], ...incidents: Parameters<typeof withIncidents>[1]) =>
  withIncidents(mapOf(health), incidents).nodes[0]!;

describe('the map with the incidents as they are now', () => {
  it('is ill as soon as an incident opens, whatever was drawn before', () => {
    expect(seen('ok', anIncident())).toMatchObject({ health: 'P1', incident_ids: [anIncident().incident_id] });
  });

  it('stays so while the incident is open, also when it is quiet, and is well once it is resolved', () => {
    expect(seen('ok', anIncident({ alerts: [{ ...ALERT, firing: false }], state: 'ACK' })).health).toBe('P1');
    expect(seen('P1', anIncident({ state: 'RESOLVED' }))).toMatchObject({ health: 'ok', incident_ids: [] });
  });

  it('goes by the severity that a person has set, and not by alerts that are over', () => {
    const overridden = anIncident({
      severity: 'P3',
      severity_override: { severity: 'P3', reason: 'known', by: 'mia' },
    });
    expect(seen('P1', overridden).health).toBe('P3');
    expect(seen('P1', anIncident({ alerts: [{ ...ALERT, state: 'RESOLVED' }] })).health).toBe('ok');
  });

  it('leaves what only the agent knows: silence, and not knowing', () => {
    expect(seen('silent', anIncident()).health).toBe('silent');
    expect(seen('silent').health).toBe('ok');
    expect(seen('unknown').health).toBe('unknown');
  });

  it('does not mind incidents of other services', () => {
    expect(seen('ok', anIncident({ alerts: [{ ...ALERT, source_id: 'another' }] })).health).toBe('ok');
  });
});
