import type { AgentSection } from '../section.ts';

/** P10: a crash with everything in the folder that the other sections have left, until the agent is ready and until it has caught up. */
export const measureStart: AgentSection = async ({ progress }, agent) => {
  progress('P10: kill -9 and start');
  const readyMs = await agent.restartAfterKill();
  const behindMs = await agent.caughtUp();
  return { p10_ready_ms: readyMs, p10_caught_up_after_ms: behindMs };
};
