import type { Rejection } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { RejectionLog } from './rejection-log.ts';

function aRejection(overrides: Partial<Rejection> = {}): Rejection {
  const from = { protocol: 'http', remote: '10.0.0.4', key_id: null };
  return { at_ms: 0, ...from, code: 'invalid_json', detail: 'line 2', events: 1, errors: [], ...overrides };
}

describe('the rejections', () => {
  it('are listed newest first, and only the newest are kept', () => {
    const log = new RejectionLog();
    for (let at = 1; at <= 250; at++) log.add(aRejection({ at_ms: at }));
    expect(log.recent()).toHaveLength(200);
    expect(log.recent()[0]?.at_ms).toBe(250);
  });

  it('are counted by reason, all of them', () => {
    const log = new RejectionLog();
    for (let i = 0; i < 300; i++) log.add(aRejection({ events: 2 }));
    log.add(aRejection({ code: 'event_too_large' }));
    expect(log.eventsByCode).toEqual({ invalid_json: 600, event_too_large: 1 });
    expect(log.events).toBe(601);
  });
});
