import type { Console } from './console.ts';
import { LastKnownSchema } from '../../bridge/last-known.ts';
import { lastKnownOf } from './last-known.ts';

/** After a crash the picture is at most so old. */
const SAVE_EVERY_MS = 30_000;

/** Where the last known state of the agents rests between two starts. What is in it is checked when it is read. */
export interface LastKnownShelf {
  readAll(): Promise<readonly unknown[]>;
  put(agentId: string, known: unknown): Promise<void>;
  remove(agentId: string): Promise<void>;
  clear(): Promise<void>;
}

/** Shows what agents had said last until they say something themselves, and keeps what they say for the next start. */
export class LastKnownKeeper {
  readonly #console: Console;
  readonly #shelf: LastKnownShelf;
  #cancel: (() => void) | null = null;

  constructor(console: Console, shelf: LastKnownShelf) {
    this.#console = console;
    this.#shelf = shelf;
  }

  async start(): Promise<void> {
    const { agents } = this.#console;
    // First, so that whoever stops in between finds something to stop.
    this.#schedule();
    for (const kept of await this.#shelf.readAll()) {
      const known = LastKnownSchema.safeParse(kept);
      if (!known.success) continue;
      // Removed while no console was looking.
      if (agents.getState().agents.has(known.data.agentId)) this.#console.recall(known.data);
      else await this.#shelf.remove(known.data.agentId);
    }
    agents.subscribe(({ agents: now }, before) => {
      for (const agentId of before.agents.keys()) if (!now.has(agentId)) void this.#shelf.remove(agentId);
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  async save(): Promise<void> {
    const { agents, feed, incidents, now } = this.#console;
    for (const agent of agents.getState().agents.values()) {
      const { agentId } = agent.saved;
      const known = lastKnownOf(agent, incidents.desk.known(agentId), feed, now());
      if (known !== null) await this.#shelf.put(agentId, known);
    }
  }

  clear(): Promise<void> {
    return this.#shelf.clear();
  }

  #schedule(): void {
    this.#cancel = this.#console.after(SAVE_EVERY_MS, () => {
      this.#schedule();
      // A full or forbidden store costs the picture of the next start and nothing else.
      this.save().catch((error: unknown) => globalThis.console.warn('The last known state was not kept:', error));
    });
  }
}
