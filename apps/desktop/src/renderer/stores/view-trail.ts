import type { ViewName } from './view-store.ts';

const MAX_STEPS = 50;

/** Which views were looked at, for back, forward and "the last one", as in a browser and in k9s. */
export class ViewTrail {
  #back: ViewName[] = [];
  #forward: ViewName[] = [];
  #last: ViewName | null = null;

  leave(from: ViewName, to: ViewName): void {
    this.#back = [...this.#back, from].slice(-MAX_STEPS);
    this.#forward = [];
    this.#last = from === to ? this.#last : from;
  }

  /** Where the step leads, and remembers the way; null when it leads nowhere. */
  follow(step: 'back' | 'forward' | 'last', from: ViewName): ViewName | null {
    if (step === 'last') {
      const last = this.#last;
      if (last !== null) this.leave(from, last);
      return last;
    }
    const [source, target] = step === 'back' ? [this.#back, this.#forward] : [this.#forward, this.#back];
    const next = source.pop();
    if (next === undefined) return null;
    target.push(from);
    this.#last = from;
    return next;
  }
}
