import type { AgentTarget } from './agent-target.ts';
import type { Load, Sent } from './raw-sender.ts';
import { sendLoad } from './send-load.ts';

/** Name → figure; the unit is the end of the name. Undefined: this machine cannot tell. */
export type Figures = Readonly<Record<string, number | undefined>>;

/** What a section of the benchmark has to work with. */
export interface Bench {
  /** Length of each measurement. */
  readonly seconds: number;
  /** Events and requests a second that node:http alone allows, measured in the same run; 0 when it was left out. */
  readonly p1EventsPerSecond: number;
  readonly progress: (step: string) => void;
}

/** Sections that need the agent share one, so that what is left in its journal is what all have sent. */
export type AgentSection = (bench: Bench, agent: AgentTarget) => Promise<Figures>;

export function loadOn(
  agent: Pick<AgentTarget, 'url' | 'key'>,
  load: Omit<Load, 'url' | 'key' | 'seconds'>,
  seconds: number,
): Promise<Sent> {
  return sendLoad({ ...load, url: agent.url, key: agent.key, seconds });
}
