import { describe, expect, it } from 'vitest';
import { lastSeenMs } from './resume-point.ts';

const SEEN = Date.parse('2026-03-03T13:00:00Z');

const aSource = (service: string, seenMs: number) => ({
  source_id: '01996f00-0000-7000-8000-000000000001',
  tenant: 'default',
  service,
  sensitivity: 'medium',
  retention_days: 30,
  time_zone: 'UTC',
  tags: [],
  first_seen_ms: SEEN - 86_400_000,
  last_seen_ms: seenMs,
  learning: 'ready',
  learnt_hours: 24,
});
const answering = (response: () => Response) =>
  lastSeenMs('http://127.0.0.1:7700', 'slt_admin', () => Promise.resolve(response()));

describe('the point to resume from', () => {
  it('is the latest line of any simulated service', () => {
    const sources = [
      aSource('gateway', SEEN),
      aSource('search-service', SEEN - 5000),
      aSource('somebody-else', SEEN + 5000),
    ];
    return expect(answering(() => Response.json({ sources }))).resolves.toBe(SEEN);
  });

  it.each<[string, () => Response]>([
    ['knows none of the services', () => Response.json({ sources: [aSource('somebody-else', SEEN)] })],
    ['refuses the token', () => Response.json({}, { status: 401 })],
    ['answers something else', () => Response.json({ hello: 'world' })],
    [
      'is not there',
      () => {
        throw new TypeError('fetch failed');
      },
    ],
  ])('is nowhere when the agent %s', (_, response) => expect(answering(response)).resolves.toBeNull());
});
