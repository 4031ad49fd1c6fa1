import { sourceHash } from '../pipeline/record-contents.ts';
import { type EventFilter, eventFilter } from './event-filter.ts';
import type { RecordPlace, RecordReader } from './found-event.ts';
import { LiteralFinder } from './literal-finder.ts';
import { hasEscapedLiteral, isMadeFromBinary, requiredLiterals } from './required-literals.ts';
import type { EventWish } from './search-task.ts';

/** Called for each event that is wanted, with the numbers of its record and of itself. The reader stands at it. */
export type OnMatch = (record: number, event: number) => void;

/**
 * Finds the events of a wish in the payload of a block. The raw bytes are asked first: a text that the query cannot do
 * without, if there is one. Only events that hold it (or share a resource or labels that do) are taken apart.
 */
export class BlockSearch {
  readonly #wish: EventWish;
  readonly #services: ReadonlySet<string> | null;
  readonly #filter: EventFilter;
  readonly #finder: LiteralFinder | undefined;
  readonly #skipsBinary: boolean;
  readonly #latestKeptMs: number;
  readonly #hits: number[] = [];
  readonly #looked = new Set<number>();

  constructor(wish: EventWish) {
    this.#wish = wish;
    this.#services = wish.services === null ? null : new Set(wish.services);
    this.#filter = eventFilter(wish.query);
    const literals = requiredLiterals(wish.query);
    this.#finder = literals === null ? undefined : new LiteralFinder(literals);
    this.#skipsBinary = literals !== null && !literals.some(isMadeFromBinary);
    const { bySource, othersMs } = wish.keptSince;
    this.#latestKeptMs = Math.max(othersMs, ...bySource.values());
  }

  /** @param records of the payload, in order */
  search(raw: Buffer, records: Iterable<RecordPlace>, reader: RecordReader, onMatch: OnMatch): void {
    const finder = hasEscapedLiteral(raw) ? undefined : this.#finder;
    if (finder !== undefined) finder.find(raw, this.#hits);
    let hit = 0;
    let number = -1;
    for (const { start, end, layout } of records) {
      number++;
      while (hit < this.#hits.length && this.#hits[hit] < start) hit++;
      const firstHit = hit;
      const provesAbsence = layout === 'text' || (layout === 'binary' && this.#skipsBinary);
      if (finder !== undefined && provesAbsence) {
        while (hit < this.#hits.length && this.#hits[hit] < end) hit++;
        if (hit > firstHit && reader.open(raw, start)) this.#searchHits(firstHit, hit, number, reader, onMatch);
      } else if (reader.open(raw, start)) this.#searchAll(number, reader, onMatch);
    }
  }

  #searchAll(record: number, reader: RecordReader, onMatch: OnMatch): void {
    for (let number = 0; reader.next(); number++) if (this.#matches(reader)) onMatch(record, number);
  }

  /** Events that hold a hit; all of them when one lies outside: in what they share, or in the record's head. */
  #searchHits(from: number, to: number, record: number, reader: RecordReader, onMatch: OnMatch): void {
    const hits = this.#hits;
    const looked = this.#looked;
    looked.clear();
    let hit = from;
    let isShared = false;
    for (let number = 0; reader.next(); number++) {
      if (hits[hit] < reader.start) isShared = true;
      if (isShared || hit === to) break;
      const firstHit = hit;
      while (hit < to && hits[hit] < reader.end) hit++;
      if (hit === firstHit) continue;
      looked.add(number);
      if (this.#matches(reader)) onMatch(record, number);
    }
    if (!isShared && hit === to) return;
    reader.rewind();
    for (let number = 0; reader.next(); number++) {
      if (!looked.has(number) && this.#matches(reader)) onMatch(record, number);
    }
  }

  #matches({ event }: RecordReader): boolean {
    const { atMs, service } = event;
    const { fromMs, toMs } = this.#wish;
    if (atMs < fromMs || atMs >= toMs) return false;
    if (this.#services !== null && !this.#services.has(service)) return false;
    return this.#isKept(event.receivedAtMs, service) && this.#filter(event);
  }

  #isKept(receivedAtMs: number, service: string): boolean {
    if (receivedAtMs >= this.#latestKeptMs) return true;
    const { tenant, keptSince } = this.#wish;
    return receivedAtMs >= (keptSince.bySource.get(sourceHash(tenant, service)) ?? keptSince.othersMs);
  }
}
