import { BatchDetails } from './batch-details.ts';
import { BatchLines } from './batch-lines.ts';
import { type EventError, FRAME_COLUMNS } from '@sentinellog/shared';
import type { RecordContents } from '../pipeline/record-contents.ts';

export const FRAME_WIDTH = FRAME_COLUMNS.length;

/** As many errors as an answer carries; the rest is only counted. */
const MAX_ERRORS = 20;

/** Whoever answers event by event limits how many there are (100,000 in a bulk request). */
const MAX_REJECTED_LINES = 100_000;

const FIRST_ROWS = 2;

/** 2^33 seconds reach past the year 2200, 2^20 sources past any bound; together they stay an exact integer (2^53). */
const SECOND_SPAN = 2 ** 33;

/**
 * What one record came to: cells of (source, second) × FRAME_COLUMNS, in order of first appearance. Nothing of the
 * running state is touched until `Tally.apply`, so a record that does not reach the disk leaves no trace.
 * Pooled: `release` gives it back, after which it must not be used.
 */
export class ScannedBatch implements RecordContents {
  readonly errors: EventError[] = [];
  /** Of all rejected events, in order. */
  readonly rejectedLines: number[] = [];
  accepted = 0;
  rejected = 0;
  clamped = 0;
  encodingFixed = 0;
  timeUnreadable = 0;
  unparsed = 0;
  receivedAtMs = 0;
  tenant = '';
  oldestMs = Number.POSITIVE_INFINITY;
  newestMs = Number.NEGATIVE_INFINITY;
  /** Of each row, in the order of the rows, once the body has been read. */
  readonly sourceHashes: number[] = [];

  /** Sources below this number were known at the scan; those above are `newNames[source - knownSources]`. */
  knownSources = 0;
  readonly newNames: string[] = [];
  readonly #newNameAt = new Map<string, number>();

  rows = 0;
  rowSource = new Int32Array(FIRST_ROWS);
  rowSecond = new Float64Array(FIRST_ROWS);
  cells = new Int32Array(FIRST_ROWS * FRAME_WIDTH);

  /** What the events said. */
  readonly lines = new BatchLines();
  /** What they took, and whose they were. */
  readonly details = new BatchDetails();

  readonly #rowOfCell = new Map<number, number>();
  /** Per source, 1 + the row it used last; only rows that exist leave a mark, and `release` wipes those. */
  #lastRowOf = new Int32Array(FIRST_ROWS);
  readonly #onRelease: (batch: ScannedBatch) => void;
  /** Made for a body of a few events: it stays small. */
  readonly isSmall: boolean;

  constructor(isSmall: boolean, onRelease: (batch: ScannedBatch) => void) {
    this.isSmall = isSmall;
    this.#onRelease = onRelease;
  }

  /** The row of a source's second, made if it is not there. */
  row(source: number, second: number): number {
    if (this.isSmall) return this.#rowAmongFew(source, second);
    if (source < this.#lastRowOf.length) {
      const last = this.#lastRowOf[source] - 1;
      if (last >= 0 && this.rowSecond[last] === second) return last;
    } else this.#lastRowOf = grown(this.#lastRowOf, source + 1);
    const key = source * SECOND_SPAN + second;
    let row = this.#rowOfCell.get(key);
    if (row === undefined) {
      row = this.#addRow(source, second);
      this.#rowOfCell.set(key, row);
    }
    this.#lastRowOf[source] = row + 1;
    return row;
  }

  /** Place of a name in `newNames`. */
  newName(name: string): number {
    let at = this.#newNameAt.get(name);
    if (at === undefined) {
      at = this.newNames.push(name) - 1;
      this.#newNameAt.set(name, at);
    }
    return at;
  }

  reject(line: number, code: string, detail: string): void {
    this.rejected++;
    if (this.errors.length < MAX_ERRORS) this.errors.push({ line, code, detail });
    if (this.rejectedLines.length < MAX_REJECTED_LINES) this.rejectedLines.push(line);
  }

  /** The body turned out to be broken as a whole: what has been read of it does not count. */
  discard(line: number, code: string, detail: string): void {
    this.#wipe();
    this.reject(line, code, detail);
  }

  release(): void {
    this.#wipe();
    this.#onRelease(this);
  }

  /** A thousand small batches cannot each have a table of all sources. */
  #rowAmongFew(source: number, second: number): number {
    for (let row = this.rows - 1; row >= 0; row--) {
      if (this.rowSource[row] === source && this.rowSecond[row] === second) return row;
    }
    return this.#addRow(source, second);
  }

  #wipe(): void {
    if (!this.isSmall) for (let row = 0; row < this.rows; row++) this.#lastRowOf[this.rowSource[row]] = 0;
    this.cells.fill(0, 0, this.rows * FRAME_WIDTH);
    // Clearing a map makes it a new table, even where it is empty.
    if (this.#rowOfCell.size > 0) this.#rowOfCell.clear();
    this.lines.clear();
    this.details.clear();
    this.rows = 0;
    this.sourceHashes.length = 0;
    this.errors.length = 0;
    this.rejectedLines.length = 0;
    if (this.newNames.length > 0) {
      this.newNames.length = 0;
      this.#newNameAt.clear();
    }
    this.oldestMs = Number.POSITIVE_INFINITY;
    this.newestMs = Number.NEGATIVE_INFINITY;
    this.accepted = 0;
    this.rejected = 0;
    this.clamped = 0;
    this.encodingFixed = 0;
    this.timeUnreadable = 0;
    this.unparsed = 0;
  }

  #addRow(source: number, second: number): number {
    const row = this.rows++;
    if (row >= this.rowSource.length) {
      this.rowSource = grown(this.rowSource, row + 1);
      this.cells = grown(this.cells, (row + 1) * FRAME_WIDTH);
      const seconds = new Float64Array(this.rowSource.length);
      seconds.set(this.rowSecond);
      this.rowSecond = seconds;
    }
    this.rowSource[row] = source;
    this.rowSecond[row] = second;
    return row;
  }
}

function grown(array: Int32Array, least: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(least, array.length * 2));
  larger.set(array);
  return larger;
}
