/** Services that were well and then are not, in the past of a few minutes ago: each is an incident of its own. */
import type { AgentProcess } from './agent-process.ts';

/** Farther apart than what is taken to have begun together (correlate/relation.ts: 30 s), with room for a window of five seconds. */
export const APART_MS = 38_000;
const WELL_SECONDS = 90 * 60;
const BROKEN_SECONDS = 45;
const ERRORS_A_SECOND = 20;

export interface Breakdown {
  readonly service: string;
  readonly onsetMs: number;
  /** What its error lines say, by turns. */
  readonly errors: readonly string[];
}

/** One request, so that no second of it is closed before all of it is there. */
export async function breakDown(agent: AgentProcess, { service, onsetMs, errors }: Breakdown): Promise<void> {
  const lines: string[] = [];
  const add = (atMs: number, level: string, message: string) =>
    lines.push(JSON.stringify({ timestamp: new Date(atMs).toISOString(), service, level, message }));
  for (let second = -WELL_SECONDS; second < 0; second++) {
    const atMs = onsetMs + second * 1000;
    add(atMs, 'info', `request ${second + WELL_SECONDS} handled in ${20 + (second % 7)} ms`);
    add(atMs + 400, second % 300 === 0 ? 'error' : 'info', 'cache refreshed');
  }
  for (let second = 0; second < BROKEN_SECONDS; second++)
    for (let error = 0; error < ERRORS_A_SECOND; error++)
      add(onsetMs + second * 1000 + error * 40, 'error', errors[(second * ERRORS_A_SECOND + error) % errors.length]);
  const answer = await agent.ingest(lines.join('\n'));
  if (answer.status !== 202) throw new Error(`ingest answered ${answer.status}: ${await answer.text()}`);
}
