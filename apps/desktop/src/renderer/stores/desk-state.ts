import type { Incident } from '@sentinellog/shared';

/** What a person has asked for and no agent has agreed to yet. */
export interface Pending {
  /** `acknowledge`, `undo` … */
  readonly words: string;
  readonly sinceMs: number;
  /** True while there is no connection to send it by. */
  readonly waiting: boolean;
}

export interface DeskRow {
  readonly agentId: string;
  /** What is shown: the agent's word with everything pending on top of it. */
  readonly incident: Incident;
  readonly pending: Pending | null;
}

/** What the desk of incidents shows. */
export interface DeskState {
  /** By agent, then by incident; an agent that has not said what incidents it has is missing. */
  readonly agents: ReadonlyMap<string, ReadonlyMap<string, DeskRow>>;
  readonly pending: number;
  /** What `z` would take back, in words. */
  readonly undoable: string | null;
  readonly redoable: boolean;
  /** Notes that could not be sent, or are not finished, by `refKey`. */
  readonly drafts: ReadonlyMap<string, string>;
}
