import type { LadderAnswer } from '@sentinellog/shared';

/** What a source would have told at each σ over the last day. */
export function fakeLadder(sourceId: string, nowMs: number): LadderAnswer {
  const steps = [2, 2.5, 3, 3.5, 4, 5].map((sigma) => {
    const total = Math.round(40 / sigma ** 2);
    return {
      sigma,
      is_current: sigma === 3,
      anomalies: { P1: 1, P2: sigma > 3.5 ? 0 : 2, P3: sigma > 2.5 ? 0 : 4, P4: 0 },
      anomalies_total: total,
      incidents: total,
      pages: Math.round(total / 3),
      posts: total,
      mails: 0,
      alerts_a_week: total * 7,
      real_found: 1,
      minutes_to_detect: { median: 1, worst: 2 },
      noise: sigma < 3 ? 2 : 0,
    };
  });
  return {
    source_id: sourceId,
    from_ms: nowMs - 86_400_000,
    to_ms: nowMs,
    seconds: 86_400,
    warm_up: { from_ms: nowMs - 2 * 86_400_000, saved_state: null },
    marked: { real: 1, noise: 2, unjudged: 0 },
    steps,
    fidelity: { fired: 4, replayed: 4, fired_reproduced: 1, replayed_fired: 1 },
    took_ms: 640,
  };
}
