import { type Anomaly, type Exclusion, type ExclusionCreateSchema, uuidv7, type Verdict } from '@sentinellog/shared';
import type { z } from 'zod';
import type { Detect } from './detect/detect.ts';
import { REMEMBERED_MS, RulingBook } from './detect/ruling-book.ts';
import type { Caller } from './pipeline/caller.ts';
import type { Store } from './store/store.ts';

interface RulingDeskParts {
  readonly store: Pick<Store, 'saveVerdict' | 'addExclusion' | 'removeExclusion'>;
  readonly detect: Pick<Detect, 'configure' | 'judged'>;
  readonly anomaly: (eventId: string) => Promise<Anomaly | null>;
  readonly now: () => number;
  /** Chance for ids: that many bytes. */
  readonly entropy: (bytes: number) => Uint8Array;
}

/** The book as the store has it: what people said about the last eight weeks. */
export async function readRulings(
  store: Pick<Store, 'judgedAnomalies' | 'exclusions'>,
  nowMs: number,
): Promise<RulingBook> {
  const book = new RulingBook();
  for (const anomaly of await store.judgedAnomalies(nowMs - REMEMBERED_MS))
    book.judge(anomaly, anomaly.verdict ?? null);
  for (const exclusion of await store.exclusions(nowMs - REMEMBERED_MS)) book.exclude(exclusion);
  return book;
}

/** What people say about the past: stored and audited first, then in force from the next bucket on. */
export class RulingDesk {
  readonly #book: RulingBook;
  readonly #parts: RulingDeskParts;

  constructor(book: RulingBook, parts: RulingDeskParts) {
    this.#book = book;
    this.#parts = parts;
  }

  /** null: there is no such anomaly. Saying the same again changes nothing. */
  async judge(eventId: string, verdict: Verdict | null, actor: Caller): Promise<Anomaly | null> {
    const { store, detect, anomaly } = this.#parts;
    const found = await anomaly(eventId);
    if (found === null) return null;
    await store.saveVerdict(eventId, found.source_id, verdict, actor.name);
    // It may have gone on while the store was asked.
    const judged = detect.judged((await anomaly(eventId)) ?? found, verdict);
    this.#book.judge(judged, verdict);
    detect.configure(judged.source_id);
    return judged;
  }

  exclusionsOf(sourceId: string): readonly Exclusion[] {
    return this.#book.exclusionsOf(sourceId);
  }

  async exclude(sourceId: string, asked: z.output<typeof ExclusionCreateSchema>, actor: Caller): Promise<Exclusion> {
    const { store, detect, now, entropy } = this.#parts;
    const exclusion: Exclusion = {
      exclusion_id: uuidv7(now(), entropy(10)),
      source_id: sourceId,
      ...asked,
      created_by: actor.name,
      created_at_ms: now(),
    };
    await store.addExclusion(exclusion);
    this.#book.exclude(exclusion);
    detect.configure(sourceId);
    return exclusion;
  }

  /** False: the source has no such exclusion. */
  async include(sourceId: string, exclusionId: string, actor: Caller): Promise<boolean> {
    if (!this.#book.exclusionsOf(sourceId).some(({ exclusion_id }) => exclusion_id === exclusionId)) return false;
    const gone = await this.#parts.store.removeExclusion(exclusionId, actor.name);
    this.#book.include(sourceId, exclusionId);
    this.#parts.detect.configure(sourceId);
    return gone;
  }

  /** An anomaly has changed: what was said about it reaches as far as it does. */
  moved(anomaly: Anomaly): void {
    if (this.#book.moved(anomaly)) this.#parts.detect.configure(anomaly.source_id);
  }
}
