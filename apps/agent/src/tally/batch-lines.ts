import type { LineKey } from '@sentinellog/detector';
import { LEVELS } from '@sentinellog/shared';
import { lengthened, PairTable } from './pair-table.ts';

/** A line is kept up to here: an example has 2,000 characters, and the miner looks at no more than 1,344 bytes. */
export const KEPT_BYTES = 2048;
/** Room for the one line of a record of one event, and not much more: of those a thousand wait for one flush. */
const FIRST_ARENA = 512;
const FIRST_LINES = 4;
/** A pooled batch holds on to no more than this. */
const POOLED_ARENA = 1 << 20;

/**
 * The distinct lines of one record by their names (LineKey), a specimen of each, and how often each came in which row
 * and level. The miner sees them only when the record is on disk, in journal order, and once a name and not once a line.
 */
export class BatchLines {
  readonly #names = new PairTable();
  readonly #cells = new PairTable();
  /** By cell. */
  #events = new Int32Array(FIRST_LINES);
  /** By line: where its specimen lies in the arena, and its message in the specimen. */
  #from = new Int32Array(FIRST_LINES);
  #to = new Int32Array(FIRST_LINES);
  #start = new Int32Array(FIRST_LINES);
  #limit = new Int32Array(FIRST_LINES);
  #lines = new Int32Array(FIRST_LINES);
  #arena = new Uint8Array(FIRST_ARENA);
  #used = 0;

  /** Distinct lines. */
  get size(): number {
    return this.#names.size;
  }

  /** Distinct lines × rows × levels. */
  get cells(): number {
    return this.#cells.size;
  }

  /**
   * Counts a line in a row under a level.
   * @param key has read the line, which lies in bytes `start` to `end`
   */
  add(key: LineKey, bytes: Uint8Array, start: number, end: number, row: number, level: number): void {
    const before = this.#names.size;
    const line = this.#names.add(key.low, key.high);
    if (line === before) this.#keep(line, key, bytes, start, end);
    this.#lines[line]++;
    const cell = this.#cells.add(row * LEVELS.length + level, line);
    if (cell >= this.#events.length) this.#events = lengthened(this.#events, this.#events.length * 2);
    this.#events[cell]++;
  }

  /** By line: `fn` gets its name, its specimen (the whole line, and where the message in it lies) and how often it came. */
  eachLine(
    fn: (low: number, high: number, specimen: Uint8Array, start: number, limit: number, lines: number) => void,
  ): void {
    for (let line = 0; line < this.size; line++) {
      const from = this.#from[line];
      fn(
        this.#names.firsts[line],
        this.#names.seconds[line],
        this.#arena.subarray(from, this.#to[line]),
        this.#start[line] - from,
        this.#limit[line] - from,
        this.#lines[line],
      );
    }
  }

  eachCell(fn: (line: number, row: number, level: number, events: number) => void): void {
    for (let cell = 0; cell < this.cells; cell++) {
      const place = this.#cells.firsts[cell];
      const row = Math.floor(place / LEVELS.length);
      fn(this.#cells.seconds[cell], row, place - row * LEVELS.length, this.#events[cell]);
    }
  }

  clear(): void {
    this.#lines.fill(0, 0, this.size);
    this.#events.fill(0, 0, this.cells);
    this.#names.clear();
    this.#cells.clear();
    this.#used = 0;
    if (this.#arena.length > POOLED_ARENA) this.#arena = new Uint8Array(FIRST_ARENA);
  }

  #keep(line: number, key: LineKey, bytes: Uint8Array, start: number, end: number): void {
    if (line >= this.#from.length) {
      const length = line * 2;
      this.#from = lengthened(this.#from, length);
      this.#to = lengthened(this.#to, length);
      this.#start = lengthened(this.#start, length);
      this.#limit = lengthened(this.#limit, length);
      this.#lines = lengthened(this.#lines, length);
    }
    const length = Math.min(end - start, KEPT_BYTES);
    const from = this.#used;
    if (from + length > this.#arena.length) {
      const larger = new Uint8Array(Math.max(from + length, this.#arena.length * 2));
      larger.set(this.#arena);
      this.#arena = larger;
    }
    for (let i = 0; i < length; i++) this.#arena[from + i] = bytes[start + i];
    this.#used = from + length;
    this.#from[line] = from;
    this.#to[line] = from + length;
    this.#start[line] = from + key.start - start;
    this.#limit[line] = from + key.limit - start;
  }
}
