import { type AgentSection, loadOn } from '../section.ts';
import { BATCHED } from './p1-batches.ts';
import { searchOnce } from './p8-search.ts';

const SOURCES = 2000;
/** Log text that lies in the journal at the start. */
const GIGABYTES = 5;
const BYTES_AN_EVENT = 190;

/**
 * P10: a crash with 2,000 sources, 5 GB of logs and everything that the other sections have left, until the agent is
 * ready, until its first search has shown a line, and until it has caught up.
 */
export const measureStart: AgentSection = async ({ seconds, progress }, agent) => {
  progress(`P10: ${SOURCES} sources, ${GIGABYTES} GB of logs`);
  let failures = 0;
  for (let events = 0; events * BYTES_AN_EVENT < GIGABYTES * 1e9; ) {
    const sent = await loadOn(agent, BATCHED, seconds);
    events += sent.events;
    failures += sent.failures;
    progress(`P10: ${((events * BYTES_AN_EVENT) / 1e9).toFixed(1)} GB`);
  }
  const spread = await loadOn(agent, { ...BATCHED, services: SOURCES, requestsPerSecond: 100 }, seconds);
  progress('P10: kill -9 and start');
  const readyMs = await agent.restartAfterKill();
  const { firstHitMs } = await searchOnce(agent, { query: 'handled', limit: 10 });
  return {
    p10_journal_gb: (await agent.journalBytes()) / 1e9,
    p10_ready_ms: readyMs,
    p10_first_hit_ms: firstHitMs,
    p10_caught_up_after_ms: await agent.caughtUp(),
    p10_failed_requests: failures + spread.failures,
  };
};
