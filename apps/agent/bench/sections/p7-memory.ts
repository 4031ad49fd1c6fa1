import { type AgentSection, loadOn } from '../section.ts';
import { BATCHED } from './p1-batches.ts';

const SOURCES = 10_000;

/** P7: memory with 10,000 sources, after as many batches as it takes for each of them to speak every second. */
export const measureMemory: AgentSection = async ({ seconds, progress }, agent) => {
  progress(`P7: ${SOURCES} sources`);
  const load = { ...BATCHED, services: SOURCES, requestsPerSecond: 100 };
  const sent = await loadOn(agent, load, seconds);
  return {
    p7_sources: SOURCES,
    p7_events_per_second: sent.events / sent.seconds,
    p7_peak_memory_with_sources_mb: agent.peakMemoryMb(),
    p7_failed_requests: sent.failures,
  };
};
