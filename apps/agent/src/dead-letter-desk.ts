import type { RefusedEvent } from './pipeline/refused-event.ts';

/** Refused events that wait for the database; while it is down or slow, more are only counted. */
const MAX_WAITING = 1000;
const BATCH = 200;

export interface DeadLetterDeskParts {
  /** Rejects while the database does not answer. */
  readonly save: (letters: readonly RefusedEvent[]) => Promise<void>;
  readonly onFailed: (error: unknown) => void;
}

/** Between the ingest path, which must not wait, and the table of dead letters. */
export class DeadLetterDesk {
  readonly #parts: DeadLetterDeskParts;
  readonly #waiting: RefusedEvent[] = [];
  readonly #byCode = new Map<string, number>();
  dropped = 0;

  constructor(parts: DeadLetterDeskParts) {
    this.#parts = parts;
  }

  /** Since the start, by reason, kept or not. */
  get counted(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#byCode);
  }

  add(letters: readonly RefusedEvent[]): void {
    for (const letter of letters) {
      this.#byCode.set(letter.code, (this.#byCode.get(letter.code) ?? 0) + 1);
      if (this.#waiting.length < MAX_WAITING) this.#waiting.push(letter);
      else this.dropped++;
    }
  }

  /** Stores what waits; call it again and again, never twice at a time. */
  async flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, BATCH);
      try {
        await this.#parts.save(batch);
      } catch (error) {
        this.#parts.onFailed(error);
        return;
      }
      this.#waiting.splice(0, batch.length);
    }
  }
}
