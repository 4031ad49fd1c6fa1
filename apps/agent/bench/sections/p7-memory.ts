import { type AgentSection, loadOn } from '../section.ts';
import { BATCHED } from './p1-batches.ts';

const SOURCES = 10_000;

/** F19: ten times the senders of P1, all of them as fast as they can. */
const OVERLOAD = { ...BATCHED, connections: BATCHED.connections * 10 };

/**
 * P7: memory under ten times the senders that it takes to keep the agent busy, and then with 10,000 sources, each of
 * which speaks ten times a second.
 */
export const measureMemory: AgentSection = async ({ seconds, progress }, agent) => {
  progress(`P7: ${OVERLOAD.connections} senders of batches`);
  agent.forgetPeak();
  const overload = await loadOn(agent, OVERLOAD, seconds);
  const overloadMb = agent.peakMemoryMb();
  agent.forgetPeak();
  progress(`P7: ${SOURCES} sources`);
  const load = { ...BATCHED, services: SOURCES, requestsPerSecond: 100 };
  const sent = await loadOn(agent, load, seconds);
  return {
    p7_peak_memory_overloaded_mb: overloadMb,
    p7_overload_events_per_second: overload.events / overload.seconds,
    p7_overload_refused_requests: overload.failures,
    p7_sources: SOURCES,
    p7_events_per_second: sent.events / sent.seconds,
    p7_peak_memory_with_sources_mb: agent.peakMemoryMb(),
    p7_failed_requests: sent.failures,
  };
};
