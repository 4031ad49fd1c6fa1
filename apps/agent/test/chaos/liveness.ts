import { setTimeout as sleep } from 'node:timers/promises';
import { Sfc32 } from '../../src/simulate/random.ts';
import type { AgentChild } from './agent-child.ts';

const SERVICE = 'chaos-liveness';
const HISTORY_SECONDS = 7200;
const ERRORS_A_SECOND = 60;
const LIMIT_MS = 45_000;

/**
 * Whether the agent still does what it is for: a service with two hours of calm history breaks, and an anomaly is there
 * within LIMIT_MS. @returns what is wrong with it, in words; nothing when all is well
 */
export async function isAlive(agent: AgentChild): Promise<string[]> {
  const nowMs = Date.now();
  const chance = new Sfc32(7);
  const history = Array.from({ length: HISTORY_SECONDS }, (_, second) =>
    Array.from({ length: 2 + (chance.uint32() % 3) }, () =>
      line(nowMs - (HISTORY_SECONDS - second) * 1000, 'INFO', 'session opened'),
    ).join(''),
  );
  const status = await agent.send(history.join(''));
  if (status !== 202) return [`a fresh batch was answered with ${status}`];
  for (const until = performance.now() + LIMIT_MS; performance.now() < until; await sleep(500)) {
    const burst = line(Date.now(), 'ERROR', 'connection pool exhausted').repeat(ERRORS_A_SECOND);
    const answer = await agent.send(burst);
    if (answer !== 202) return [`a fresh batch was answered with ${answer}`];
    if ((await agent.anomalousServices()).includes(SERVICE)) return [];
  }
  return [`no anomaly within ${LIMIT_MS / 1000} s of a service breaking`];
}

function line(atMs: number, level: string, message: string): string {
  return `${JSON.stringify({ timestamp: new Date(atMs).toISOString(), service: SERVICE, level, message })}\n`;
}
