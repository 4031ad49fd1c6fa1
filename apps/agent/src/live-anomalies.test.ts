import { anAnomaly } from '@sentinellog/shared/testing';
import { describe, expect, it } from 'vitest';
import { LiveAnomalies } from './live-anomalies.ts';

const HOUR = 3_600_000;

describe('the anomalies a console gets when it connects', () => {
  it('are the open ones, however old, and those that ended within the hour, newest first', () => {
    const now = 10 * HOUR;
    const live = new LiveAnomalies(() => now, []);
    live.put(anAnomaly({ event_id: 'old-open', started_at_ms: HOUR }));
    live.put(
      anAnomaly({ event_id: 'just-over', started_at_ms: 9 * HOUR, state: 'recovered', ended_at_ms: 9.5 * HOUR }),
    );
    live.put(anAnomaly({ event_id: 'long-over', started_at_ms: 2 * HOUR, state: 'recovered', ended_at_ms: 3 * HOUR }));
    expect(live.list().map((anomaly) => anomaly.event_id)).toEqual(['just-over', 'old-open']);
    expect(live.openCount).toBe(1);
  });

  it('hold one entry an anomaly, as it stands now', () => {
    const live = new LiveAnomalies(() => 0, [anAnomaly({ event_id: 'a' })]);
    expect(live.put(anAnomaly({ event_id: 'a', deviation_score: 20 }))).toBe(false);
    expect(live.put(anAnomaly({ event_id: 'a', state: 'recovered' }))).toBe(true);
    expect(live.put(anAnomaly({ event_id: 'a', deviation_score: 20 }))).toBe(true);
    expect(live.list()).toHaveLength(1);
    expect(live.list()[0]?.deviation_score).toBe(20);
  });
});
