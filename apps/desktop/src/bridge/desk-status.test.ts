import { describe, expect, it } from 'vitest';
import { deskStatus, faceOf, type DeskAgent } from './desk-status.ts';
import type { ConnectionState } from './events.ts';
import { alarmWords, countOpen } from './open-count.ts';
import { anIncident } from './testing/an-incident.ts';

const NOW = 1_767_229_200_000;
const OPEN: ConnectionState = { type: 'open', sinceMs: NOW - 60_000, role: 'viewer', scopes: ['read'], skewMs: 0 };
const OFFLINE: ConnectionState = { type: 'offline', downSinceMs: NOW - 90_000, nextAtMs: NOW + 9000, reason: 'gone' };

function anAgent(overrides: Partial<DeskAgent> & { connection?: ConnectionState; dataAgeMs?: number | null } = {}) {
  const { connection = OPEN, dataAgeMs = 400, ...rest } = overrides;
  return {
    agentId: 'eu',
    code: 'EU',
    pulse: { name: 'prod-eu', connection, dataAgeMs, degraded: [] },
    incidents: [],
    ...rest,
  } satisfies DeskAgent;
}

const face = (...agents: DeskAgent[]) => faceOf(deskStatus(agents, NOW));

describe('the desk as one figure', () => {
  it('is well only when everything is connected, fresh and quiet', () => {
    expect(face(anAgent())).toEqual({ face: 'ok', doubtful: false });
    expect(face(anAgent(), anAgent({ agentId: 'us', code: 'US' }))).toEqual({ face: 'ok', doubtful: false });
  });

  it.each<[string, DeskAgent[]]>([
    ['there is no agent', []],
    ['data is older than 15 s', [anAgent({ dataAgeMs: 15_001 })]],
    ['the only agent is offline', [anAgent({ connection: OFFLINE })]],
    ['one of two agents is offline', [anAgent(), anAgent({ agentId: 'us', connection: OFFLINE })]],
    ['no line has ever come', [anAgent({ dataAgeMs: null })]],
    ['the agent has not said which incidents there are', [anAgent({ incidents: null })]],
    ['the agent is still being dialled', [anAgent({ connection: { type: 'connecting' } })]],
    ['the agent refuses this console', [anAgent({ connection: { type: 'refused', reason: 'token' } })]],
  ])('is unknown, never well, when %s', (_why, agents) => {
    expect(face(...agents)).toEqual({ face: 'unknown', doubtful: true });
  });

  it('keeps showing what is open when the line is lost, with a doubt', () => {
    const agent = anAgent({ connection: OFFLINE, incidents: [anIncident()] });
    expect(face(agent)).toEqual({ face: 'P1', doubtful: true });
  });

  it('names the worst five, the longest open first among equals', () => {
    const incidents = ['P3', 'P1', 'P2', 'P4', 'P1', 'P2'].map((severity, i) =>
      anIncident({
        incident_id: `i${i}`,
        severity: severity as 'P1' | 'P2' | 'P3' | 'P4',
        opened_at_ms: NOW - i * 1000,
      }),
    );
    const { worst } = deskStatus([anAgent({ incidents })], NOW);
    expect(worst.map(({ incident }) => incident.incident_id)).toEqual(['i4', 'i1', 'i5', 'i2', 'i0']);
  });

  it('counts what is open and heard; what is silenced or over is not', () => {
    const incidents = [
      anIncident(),
      anIncident({ incident_id: 'b', severity: 'P2', state: 'ACK' }),
      anIncident({ incident_id: 'c', silence_id: 's1' }),
      anIncident({ incident_id: 'd', state: 'RESOLVED' }),
    ];
    const status = deskStatus([anAgent({ incidents })], NOW);
    expect(status.open).toEqual({ P1: 1, P2: 1, P3: 0, P4: 0 });
    expect(status.silenced).toBe(1);
    expect(alarmWords(countOpen(incidents))).toBe('P1 1');
    expect(alarmWords(countOpen(incidents.slice(1)))).toBe('P2 1');
    expect(alarmWords(countOpen([]))).toBe('');
  });
});
