import { describe, expect, it } from 'vitest';
import { actCall, conflictOf, timelineCall } from './incident-calls.ts';

describe('calls about incidents', () => {
  it('put the verb into the path, and key, version and surface into headers', () => {
    const call = actCall(
      { incidentId: 'i 1', version: 7, key: 'key-1', action: { action: 'resolve', force: true } },
      'console',
    );
    expect(call).toMatchObject({
      method: 'POST',
      path: '/v1/incidents/i%201/resolve',
      body: { force: true },
      headers: { 'idempotency-key': 'key-1', 'if-match': '7', 'x-sentinel-via': 'console' },
    });
  });

  it('ask for a timeline of all, or of one from a cursor on', () => {
    expect(timelineCall({ incidentId: null, cursor: null, limit: 200 }).path).toBe('/v1/incidents/timeline?limit=200');
    expect(timelineCall({ incidentId: 'i1', cursor: 'a=b', limit: 10 }).path).toBe(
      '/v1/incidents/timeline?limit=10&incident=i1&cursor=a%3Db',
    );
  });

  it('read no conflict out of a problem that has none', () => {
    expect(conflictOf({ code: 'conflict' })).toBeUndefined();
    expect(conflictOf(null)).toBeUndefined();
  });
});
