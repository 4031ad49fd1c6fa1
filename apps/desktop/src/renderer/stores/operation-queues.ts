import type { Incident } from '@sentinellog/shared';
import type { Answer, CallError } from '../../bridge/calls.ts';
import type { Send } from './action-sender.ts';
import type { SetTimer } from './event-batch.ts';
import { refKey, type IncidentRef } from './incident-ref.ts';

/** After a timeout or a fault of the agent (ux §2.6). */
const RETRY_DELAYS_MS = [500, 2000, 8000] as const;
/** An action that could not be sent within this time is given back as failed, never sent late. */
const SEND_WITHIN_MS = 60_000;

export type Outcome =
  | { readonly type: 'done'; readonly incident: Incident }
  | { readonly type: 'cancelled' }
  | { readonly type: 'failed'; readonly error: CallError };

/** Something that happens to one incident, in its turn. */
export interface Operation {
  readonly ref: IncidentRef;
  readonly words: string;
  readonly sinceMs: number;
  /** What is shown while it is pending. */
  readonly effect: (incident: Incident) => Incident;
  readonly work: (operation: Operation) => Promise<Outcome>;
  readonly settle: (outcome: Outcome) => void;
  /** Until then nobody has heard of it, and it can be taken back without a trace. */
  started: boolean;
  /** Ends a wait for the connection or for the next attempt. */
  wake: (() => void) | null;
}

export interface OperationQueuesOptions {
  readonly now: () => number;
  readonly setTimer: SetTimer;
  /** A fresh idempotency key. */
  readonly newKey: () => string;
  readonly isOpen: (agentId: string) => boolean;
  readonly codeOf: (agentId: string) => string;
  /** What is pending at this agent has changed. */
  readonly changed: (agentId: string) => void;
}

/** One queue an incident: what is done to it waits for its turn, for the connection, and for an answer. */
export class OperationQueues {
  readonly #options: OperationQueuesOptions;
  readonly #queues = new Map<string, Operation[]>();

  constructor(options: OperationQueuesOptions) {
    this.#options = options;
  }

  of(ref: IncidentRef): readonly Operation[] {
    return this.#queues.get(refKey(ref)) ?? [];
  }

  get pending(): number {
    let pending = 0;
    for (const queue of this.#queues.values()) pending += queue.length;
    return pending;
  }

  add(wanted: Omit<Operation, 'sinceMs' | 'started' | 'wake'>): Operation {
    const key = refKey(wanted.ref);
    const queue = this.#queues.get(key) ?? [];
    const operation: Operation = { ...wanted, sinceMs: this.#options.now(), started: false, wake: null };
    queue.push(operation);
    this.#queues.set(key, queue);
    this.#options.changed(operation.ref.agentId);
    if (queue.length === 1) this.#startNext(key);
    return operation;
  }

  /** Takes an operation out of its queue; the next one's turn has come when it was the first. */
  drop(operation: Operation): void {
    const key = refKey(operation.ref);
    const queue = this.#queues.get(key) ?? [];
    const at = queue.indexOf(operation);
    if (at >= 0) queue.splice(at, 1);
    operation.wake?.();
    if (at === 0) this.#startNext(key);
    this.#options.changed(operation.ref.agentId);
  }

  /** The connection is back: what waited for it goes out now. */
  wake(agentId: string): void {
    for (const queue of this.#queues.values()) if (queue[0]?.ref.agentId === agentId) queue[0].wake?.();
  }

  /** The agent is gone: what has not been sent never will be. */
  forget(agentId: string): void {
    for (const [key, queue] of this.#queues) {
      if (queue[0]?.ref.agentId !== agentId) continue;
      for (const operation of queue.slice(1)) operation.settle({ type: 'cancelled' });
      queue.splice(1);
      queue[0].wake?.();
      if (!queue[0].started) this.#queues.delete(key);
    }
  }

  /** Sends until there is an answer: waits for the connection, tries again after faults, gives up at the deadline. */
  async deliver(operation: Operation, version: number, send: Send): Promise<Answer<Incident>> {
    const { now, newKey, isOpen, codeOf } = this.#options;
    const key = newKey();
    const deadlineMs = operation.sinceMs + SEND_WITHIN_MS;
    for (let attempt = 0; ; attempt++) {
      while (!isOpen(operation.ref.agentId) && now() < deadlineMs) await this.#pause(operation, deadlineMs - now());
      if (now() >= deadlineMs) return tooLate(codeOf(operation.ref.agentId));
      const answer = await send(attempt, version, key);
      const delayMs = RETRY_DELAYS_MS[attempt];
      if (answer.ok || !answer.error.retryable || delayMs === undefined) return answer;
      await this.#pause(operation, delayMs);
    }
  }

  #startNext(key: string): void {
    const operation = this.#queues.get(key)?.[0];
    if (operation === undefined) {
      this.#queues.delete(key);
      return;
    }
    operation.started = this.#options.isOpen(operation.ref.agentId);
    void this.#run(operation);
  }

  async #run(operation: Operation): Promise<void> {
    // Until the connection is there it is not started, and can be taken back without a trace.
    const deadlineMs = operation.sinceMs + SEND_WITHIN_MS;
    while (!operation.started && this.#options.now() < deadlineMs) {
      await this.#pause(operation, deadlineMs - this.#options.now());
      if (this.#queues.get(refKey(operation.ref))?.[0] !== operation) return;
      operation.started = this.#options.isOpen(operation.ref.agentId);
    }
    let outcome: Outcome;
    try {
      outcome = await operation.work(operation);
    } catch (error) {
      outcome = { type: 'failed', error: { code: 'internal', detail: String(error), retryable: false } };
    }
    operation.settle(outcome);
    this.drop(operation);
  }

  #pause(operation: Operation, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        operation.wake = null;
        cancel();
        resolve();
      };
      const cancel = this.#options.setTimer(end, ms);
      operation.wake = end;
    });
  }
}

function tooLate(code: string): Answer<never> {
  return {
    ok: false,
    error: {
      code: 'expired',
      detail: `${code} was not reachable for ${SEND_WITHIN_MS / 1000} s, so it was not sent: what holds now may be different`,
      retryable: false,
    },
  };
}
