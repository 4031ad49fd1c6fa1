import { type AgentSection, loadOn } from '../section.ts';

/** P2: one event a request. */
export const SINGLE = { path: '/v1/ingest', connections: 1000, eventsPerBatch: 1, batches: 20_000 } as const;
const FIXED_RATE = 10_000;

/** P2: as many as go, then the time to the answer at a fixed rate. */
export const measureSingles: AgentSection = async ({ seconds, progress }, agent) => {
  progress('P2: single events, saturated');
  const saturated = await loadOn(agent, SINGLE, seconds);
  progress(`P2: single events, ${FIXED_RATE} a second`);
  const fixed = await loadOn(agent, { ...SINGLE, requestsPerSecond: FIXED_RATE }, seconds);
  return {
    p2_requests_per_second: saturated.requests / saturated.seconds,
    p2_ack_p50_ms: saturated.p50Ms,
    p2_ack_p99_ms: saturated.p99Ms,
    p2_fixed_requests_per_second: fixed.requests / fixed.seconds,
    p2_fixed_ack_p50_ms: fixed.p50Ms,
    p2_fixed_ack_p99_ms: fixed.p99Ms,
    p2_failed_requests: saturated.failures + fixed.failures,
  };
};
