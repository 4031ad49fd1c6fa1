import { type AgentSection, loadOn } from '../section.ts';

/** P1: batches of 1,000; 128 of them hold 128,000 distinct messages. */
export const BATCHED = { path: '/v1/ingest', connections: 16, eventsPerBatch: 1000, batches: 128 } as const;

/** P1, and the memory of P7 under it. */
export const measureBatches: AgentSection = async ({ seconds, progress }, agent) => {
  // The first second is the compiler's.
  await loadOn(agent, BATCHED, 1);
  progress('P1: batches of 1,000');
  const sent = await loadOn(agent, BATCHED, seconds);
  return {
    p1_events_per_second: sent.events / sent.seconds,
    p1_ack_p50_ms: sent.p50Ms,
    p1_ack_p99_ms: sent.p99Ms,
    p1_failed_requests: sent.failures,
    p7_peak_memory_at_p1_mb: agent.peakMemoryMb(),
  };
};
