/** What can be taken back: 50 actions of the last ten minutes (ux §2.6). */
const MAX_ENTRIES = 50;
const KEPT_MS = 10 * 60_000;

interface Timed {
  readonly atMs: number;
}

/** Undo and redo as two bounded stacks. A new action ends what could be redone, as in every editor. */
export class ActionJournal<Entry extends Timed> {
  #done: Entry[] = [];
  #undone: Entry[] = [];

  /** @param isNew false for an action that is a redo itself */
  push(entry: Entry, isNew = true): void {
    this.#done = [...this.#done, entry].slice(-MAX_ENTRIES);
    if (isNew) this.#undone = [];
  }

  /** The newest that may still be taken back, without taking it. */
  newest(nowMs: number): Entry | undefined {
    return this.#done.findLast((entry) => nowMs - entry.atMs <= KEPT_MS);
  }

  /** Takes an entry, the newest when none is named; undefined when there is none, or none that is young enough. */
  takeUndo(nowMs: number, wanted: Entry | undefined = this.newest(nowMs)): Entry | undefined {
    if (wanted === undefined || !this.#done.includes(wanted) || nowMs - wanted.atMs > KEPT_MS) return undefined;
    this.remove(wanted);
    this.#undone = [...this.#undone, wanted].slice(-MAX_ENTRIES);
    return wanted;
  }

  takeRedo(): Entry | undefined {
    return this.#undone.pop();
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  /** What never happened need not be taken back, nor done again. */
  remove(entry: Entry): void {
    this.#done = this.#done.filter((one) => one !== entry);
    this.#undone = this.#undone.filter((one) => one !== entry);
  }
}
