import type { CallError } from '../../bridge/calls.ts';
import { plural } from '../words/quantity.ts';
import type { IncidentRef } from './incident-ref.ts';
import type { Outcome } from './operation-queues.ts';

export interface Failure {
  readonly ref: IncidentRef;
  readonly error: CallError;
}

/** Gathers what failed of one action, and says it once when all of it has ended. */
export class FailureReport {
  readonly #failed: Failure[] = [];
  readonly #report: (failed: readonly Failure[]) => void;
  #open: number;

  constructor(count: number, report: (failed: readonly Failure[]) => void) {
    this.#open = count;
    this.#report = report;
  }

  add(ref: IncidentRef, outcome: Outcome): void {
    if (outcome.type === 'failed') this.#failed.push({ ref, error: outcome.error });
    this.#open--;
    if (this.#open === 0 && this.#failed.length > 0) this.#report(this.#failed);
  }
}

/** Why something could not be done, in words: who came first, or what the agent said. */
export function whyFailed({ conflict, detail }: CallError): string {
  if (conflict === undefined) return detail;
  const { state, resolution } = conflict.current;
  const who = conflict.changedBy ?? conflict.current.resolved_by ?? conflict.current.acked_by ?? 'somebody';
  if (state === 'RESOLVED' && resolution === 'recovered') return 'it has recovered and is resolved; left as it is';
  if (state === 'RESOLVED') return `${who} has resolved it; left as it is`;
  return state === 'ACK' ? `${who} has it` : `${who} has changed it; this is how it is now`;
}

export interface UndoCounts {
  readonly done: number;
  readonly inHold: number;
  readonly overtaken: number;
  readonly failed: number;
  readonly firstFailure: string;
}

/** Gathers what became of each part of an undo. */
export class UndoReport {
  readonly #report: (counts: UndoCounts) => void;
  #open: number;
  #counts = { done: 0, inHold: 0, overtaken: 0, failed: 0, firstFailure: '' };

  constructor(count: number, report: (counts: UndoCounts) => void) {
    this.#open = count;
    this.#report = report;
  }

  add(how: 'done' | 'in hold' | 'unsent' | 'nothing' | 'overtaken' | 'failed', detail = ''): void {
    switch (how) {
      case 'done':
        this.#counts.done++;
        break;
      // What was never sent has not gone out either.
      case 'in hold':
      case 'unsent':
        this.#counts.inHold++;
        break;
      case 'overtaken':
        this.#counts.overtaken++;
        break;
      case 'failed':
        this.#counts.failed++;
        this.#counts.firstFailure ||= detail;
        break;
      case 'nothing':
        break;
    }
    this.#open--;
    if (this.#open === 0) this.#report(this.#counts);
  }
}

/** `Undone: …`, and truthfully what others have heard of it. */
export function undoneWords(what: string, { done, inHold, overtaken, failed, firstFailure }: UndoCounts): string {
  if (failed > 0) return `Could not undo ${plural(failed, 'change')} of “${what}”: ${firstFailure}`;
  if (overtaken > 0) return `Undone as far as nobody had changed it since: ${what}`;
  if (done > 0) {
    return `Undone: ${what}: the change stays in the timeline, and whoever was told hears of the correction`;
  }
  return `Undone: ${what}${inHold > 0 ? '; nothing had gone out' : ''}`;
}
