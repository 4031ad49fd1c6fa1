import { createStore } from 'zustand/vanilla';
import type { Answer, CallError } from '../../bridge/calls.ts';

/** What an agent last answered to a question; an error stands beside the older answer, not in its place (ux §2.2). */
export interface Answered<T> {
  readonly value: T | null;
  /** When `value` was the agent's word. */
  readonly asOfMs: number | null;
  readonly error: CallError | null;
}

const NOTHING: Answered<never> = { value: null, asOfMs: null, error: null };

/** One question that is put to every agent, and their newest answers. Bounded by the number of agents. */
export class AgentQuestion<T> {
  readonly answers = createStore<ReadonlyMap<string, Answered<T>>>(() => new Map());
  readonly #put: (agentId: string) => Promise<Answer<T>>;
  readonly #now: () => number;
  readonly #asked = new Map<string, number>();

  constructor(put: (agentId: string) => Promise<Answer<T>>, now: () => number) {
    this.#put = put;
    this.#now = now;
  }

  async ask(agentId: string): Promise<void> {
    const number = this.#next(agentId);
    const answer = await this.#put(agentId);
    // A later question, or a change that was made since, knows better.
    if (this.#asked.get(agentId) !== number) return;
    const before = this.answers.getState().get(agentId) ?? NOTHING;
    this.#set(
      agentId,
      answer.ok ? { value: answer.value, asOfMs: this.#now(), error: null } : { ...before, error: answer.error },
    );
  }

  /** What a change has made of the answer; nothing where there is none yet. */
  change(agentId: string, change: (value: T) => T): void {
    const before = this.answers.getState().get(agentId);
    if (before?.value == null) return;
    this.#next(agentId);
    this.#set(agentId, { ...before, value: change(before.value) });
  }

  #next(agentId: string): number {
    const number = (this.#asked.get(agentId) ?? 0) + 1;
    this.#asked.set(agentId, number);
    return number;
  }

  #set(agentId: string, answered: Answered<T>): void {
    this.answers.setState(new Map([...this.answers.getState(), [agentId, answered]]), true);
  }
}
