import { LEVELS } from './level.ts';

/** The counters of a frame: events per level, then bytes of log text. All are sums, so frames merge by addition. */
export const FRAME_COLUMNS = [...LEVELS, 'bytes'] as const;
export type FrameColumn = (typeof FRAME_COLUMNS)[number];
const WIDTH = FRAME_COLUMNS.length;

/** What one second of one source came to. */
export type Frame = Readonly<Record<FrameColumn, number>> & {
  /** Unix second of event time. */
  readonly second: number;
};

export const EMPTY_COUNTS: Readonly<Record<FrameColumn, number>> = {
  debug: 0,
  info: 0,
  warn: 0,
  error: 0,
  fatal: 0,
  other: 0,
  bytes: 0,
};

export function eventsOf(frame: Readonly<Record<FrameColumn, number>>): number {
  return frame.debug + frame.info + frame.warn + frame.error + frame.fatal + frame.other;
}

/** The events that count as errors for the signal `error_rate`. */
export function errorsOf(frame: Readonly<Record<FrameColumn, number>>): number {
  return frame.error + frame.fatal;
}

/**
 * The counts that lie in the order of FRAME_COLUMNS from a place on. Written out, as it runs for every open second of every source
 * twenty times a second: made from a list of names it costs ten times as much, and an object of another shape for all who read it.
 */
export function countsAt(cells: Float64Array, at = 0): Record<FrameColumn, number> {
  return {
    debug: cells[at]!,
    info: cells[at + 1]!,
    warn: cells[at + 2]!,
    error: cells[at + 3]!,
    fatal: cells[at + 4]!,
    other: cells[at + 5]!,
    bytes: cells[at + 6]!,
  };
}

/**
 * The units a frame block may hold: 60 seconds of a minute, 60 minutes of an hour, 24 hours of a day.
 * `level` is what is stored; `unit` and `span` are seconds.
 */
export const BLOCK_LEVELS = [
  { level: 0, unit: 1, span: 60 },
  { level: 1, unit: 60, span: 3600 },
  { level: 2, unit: 3600, span: 86_400 },
] as const;
export type BlockLevel = (typeof BLOCK_LEVELS)[number]['level'];

const VERSION = 1;

/**
 * Frames of one source over one minute, hour or day: the unit of storage and of transport between processes.
 * Blocks of the same source, level and start merge by addition: associative, commutative, with the empty block as zero.
 */
export class FrameBlock {
  /** Row-major: slot × column. Float64 because a day of bytes passes 2^32; exact up to 2^53. */
  readonly cells: Float64Array;
  readonly slots: number;

  constructor(slots: number, cells: Float64Array = new Float64Array(slots * WIDTH)) {
    if (cells.length !== slots * WIDTH) throw new RangeError(`a block of ${slots} slots needs ${slots * WIDTH} cells`);
    this.slots = slots;
    this.cells = cells;
  }

  add(slot: number, column: number, amount: number): void {
    this.cells[slot * WIDTH + column]! += amount;
  }

  /** Adds a whole frame's counters to a slot. */
  addFrame(slot: number, frame: Readonly<Record<FrameColumn, number>>): void {
    for (let column = 0; column < WIDTH; column++) this.add(slot, column, frame[FRAME_COLUMNS[column]!]);
  }

  merge(other: FrameBlock): void {
    if (other.slots !== this.slots)
      throw new RangeError(`cannot merge a block of ${other.slots} slots into ${this.slots}`);
    for (let i = 0; i < this.cells.length; i++) this.cells[i]! += other.cells[i]!;
  }

  get(slot: number, column: FrameColumn): number {
    return this.cells[slot * WIDTH + FRAME_COLUMNS.indexOf(column)]!;
  }

  counts(slot: number): Record<FrameColumn, number> {
    return countsAt(this.cells, slot * WIDTH);
  }

  /**
   * Version byte, slots, columns, then per column runs of (zeros to skip, count, values…) as unsigned LEB128.
   * A quiet minute is under 20 bytes; a block from a newer version is refused, never guessed at.
   */
  encode(): Uint8Array {
    const out: number[] = [VERSION, this.slots, WIDTH];
    for (let column = 0; column < WIDTH; column++) {
      let slot = 0;
      while (slot < this.slots) {
        let start = slot;
        while (start < this.slots && this.cells[start * WIDTH + column] === 0) start++;
        let end = start;
        while (end < this.slots && this.cells[end * WIDTH + column] !== 0) end++;
        pushVarint(out, start - slot);
        pushVarint(out, end - start);
        for (let i = start; i < end; i++) pushVarint(out, this.cells[i * WIDTH + column]!);
        slot = end;
      }
    }
    return Uint8Array.from(out);
  }

  static decode(bytes: Uint8Array): FrameBlock {
    const [version, slots, width] = bytes;
    if (version !== VERSION || width !== WIDTH || slots === undefined) {
      throw new Error(
        `frame block version ${version} with ${width} columns is not one this build reads (${VERSION}, ${WIDTH})`,
      );
    }
    const block = new FrameBlock(slots);
    const cursor = { bytes, at: 3 };
    for (let column = 0; column < WIDTH; column++) {
      let slot = 0;
      while (slot < slots) {
        slot += readVarint(cursor);
        const end = slot + readVarint(cursor);
        if (end > slots) throw new Error('frame block is damaged: a run passes its last slot');
        for (; slot < end; slot++) block.add(slot, column, readVarint(cursor));
      }
    }
    return block;
  }
}

function pushVarint(out: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    out.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  out.push(rest);
}

function readVarint(cursor: { bytes: Uint8Array; at: number }): number {
  let value = 0;
  let scale = 1;
  for (;;) {
    const byte = cursor.bytes[cursor.at++];
    if (byte === undefined) throw new Error('frame block is damaged: it ends inside a number');
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 0x80;
  }
}
