import type { Rejection, Source } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { AgentPicture } from './agent-picture.ts';
import { HEALTH } from './testing/fake-agent.ts';

const source = (source_id: string, over: Partial<Source> = {}): Source => ({
  source_id,
  tenant: 'default',
  service: source_id,
  sensitivity: 'medium',
  retention_days: 30,
  time_zone: 'UTC',
  tags: [],
  first_seen_ms: 1_760_000_000_000,
  last_seen_ms: 1_760_000_060_000,
  learning: 'ready',
  learnt_hours: 24,
  ...over,
});
const rejection = (remote: string): Rejection => ({
  at_ms: 1,
  protocol: 'http',
  remote,
  key_id: null,
  code: 'unauthenticated',
  detail: 'wrong key',
  events: 1,
  errors: [],
});

describe('the picture of an agent', () => {
  it('is empty while nothing was said', () => {
    expect([...new AgentPicture().events()]).toEqual([]);
  });

  it('is the snapshot with what came after it', () => {
    const picture = new AgentPicture();
    picture.take({ type: 'snapshot', sources: [source('payment'), source('order')], anomalies: [] });
    picture.take({ type: 'source', source: source('payment', { sensitivity: 'high' }) });
    picture.take({ type: 'source', source: source('gateway') });
    picture.take({ type: 'health', health: HEALTH });
    picture.take({ type: 'rejection', rejection: rejection('10.0.0.4') });
    const [snapshot, ...rest] = picture.events();
    expect(snapshot).toMatchObject({ type: 'snapshot' });
    const sources = snapshot?.type === 'snapshot' ? snapshot.sources : [];
    expect(sources.map((each) => [each.source_id, each.sensitivity])).toEqual([
      ['order', 'medium'],
      ['payment', 'high'],
      ['gateway', 'medium'],
    ]);
    expect(rest.map(({ type }) => type)).toEqual(['health', 'rejection']);
  });

  it('forgets what the next snapshot no longer has', () => {
    const picture = new AgentPicture();
    picture.take({ type: 'snapshot', sources: [source('payment')], anomalies: [] });
    picture.take({ type: 'snapshot', sources: [source('order')], anomalies: [] });
    const [snapshot] = picture.events();
    expect(snapshot).toMatchObject({ sources: [{ source_id: 'order' }] });
  });

  it('stays bounded whatever an agent claims', () => {
    const picture = new AgentPicture();
    picture.take({ type: 'snapshot', sources: [], anomalies: [] });
    for (let i = 0; i < 12_000; i++) picture.take({ type: 'source', source: source(`s${i}`) });
    for (let i = 0; i < 500; i++) picture.take({ type: 'rejection', rejection: rejection(`10.0.0.${i}`) });
    const events = [...picture.events()];
    const snapshot = events.find((event) => event.type === 'snapshot');
    expect(snapshot?.sources).toHaveLength(10_001);
    expect(snapshot?.sources.at(-1)?.source_id).toBe('s11999');
    expect(events.filter(({ type }) => type === 'rejection')).toHaveLength(100);
  });
});
