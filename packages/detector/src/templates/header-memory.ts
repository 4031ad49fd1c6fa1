/**
 * HOT: every line that is received passes through here once. Reading a header by its rules takes as long as naming the
 * message behind it, and the lines of one program begin alike. So what the reader found is kept as a tree of decisions
 * over beginnings of lines, in which all digits count as one: a line that agrees with an earlier one as far as the
 * reader looked has its message at the same place. Exact: what the reader asks of the value of digits is asked again.
 */
import { BYTE_CLASS, DIGIT, LETTER, UPPER } from './byte-classes.ts';
import { type HeaderQuestion, HeaderReader, answerOf } from './header.ts';
import { ShapeCache } from './shape-cache.ts';

/** Half of them are filled: 16 k nodes, 0.5 MB. A program's header takes a handful, its messages' first words one each. */
const SLOTS = 1 << 15;
/** The tree begins behind so many bytes, and goes on by fours. */
const FIRST_BYTES = 8;
/** A beginning that must be longer to decide is left to the reader. */
const MAX_BYTES = 256;
/** More nodes no way down has, unless somebody made beginnings whose hashes meet. */
const MAX_STEPS = 64;

/* The three kinds of nodes, in the lowest bits of what is kept. */
const KIND_BITS = 2;
const KIND = (1 << KIND_BITS) - 1;
/** The message begins so many bytes behind the start of the line. */
const MESSAGE = 0;
/** Go on when so many bytes have been read. */
const READ = 1;
/** Go on with the answer to a `HeaderQuestion`. */
const ASK = 2;

/*
 * Four bytes at a time: exclusive-ored with "0" digits are 0 to 9, and no more than these stay below the highest bit of
 * their byte when 0x76 is added.
 */
const ZEROS = 0x3030_3030;
const ABOVE_NINE = 0x7676_7676;
const HIGHEST = 0x8080_8080 | 0;
/** Mixed in with an answer. No four bytes are mixed in as this number or the next: a digit becomes 0, and nothing else 1 to 9. */
const ANSWER = 0x200;
/** Mixed in behind the end of a line, with how many bytes stood behind the last four: else "1234" and "1" were one. */
const LINE_END = 0x100;

/** Finds where messages begin. */
export class HeaderMemory {
  readonly #reader = new HeaderReader();
  readonly #tree = new ShapeCache(SLOTS);
  /** Hashes of what was read and answered so far on the way down. */
  #low = 0;
  #high = 0;

  /**
   * The first byte of the message in bytes `start` (inclusive) to `end` (exclusive); `start` itself if the line has no header.
   * @param view the same bytes
   */
  messageStart(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    // A line that begins with a small letter has no header, nearly always: the reader sees it by the first word.
    const isPlain = start < end && (BYTE_CLASS[bytes[start]] & (LETTER | UPPER)) === LETTER;
    const message = isPlain ? this.#reader.headerEnd(bytes, start, end) : this.#remembered(bytes, view, start, end);
    return message === start || hasText(bytes, message, end) ? message : start;
  }

  #remembered(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    let at = this.#readFirst(view, start, end);
    for (let step = 0; step < MAX_STEPS; step++) {
      const node = this.#tree.find(this.#low, this.#high);
      if (node < 0) return this.#learn(bytes, view, start, end);
      const kind = node & KIND;
      const value = node >> KIND_BITS;
      if (kind === MESSAGE) return start + value;
      if (kind === READ) at = this.#read(view, at, start + value, end);
      else this.#mix(ANSWER + answerOf(bytes, start, end, value));
    }
    return this.#reader.headerEnd(bytes, start, end);
  }

  #learn(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const reader = this.#reader;
    const message = reader.headerEnd(bytes, start, end);
    const needed = (reader.reach - start + 3) & -4;
    if (!(reader.reach - start <= MAX_BYTES)) return message;
    const questions = new Set<HeaderQuestion>(reader.questions.subarray(0, reader.asked));
    let at = this.#readFirst(view, start, end);
    for (let step = 0; step < MAX_STEPS; step++) {
      const isRead = at >= start + needed;
      let node = this.#tree.find(this.#low, this.#high);
      // What decides sooner is asked sooner: else bytes of the message would tell headers apart.
      const isFar = !isRead && (node & KIND) === READ && node >> KIND_BITS > needed;
      if (node < 0 || isFar) {
        const [question] = questions;
        if (!isRead) node = (needed << KIND_BITS) | READ;
        else if (question !== undefined) node = (question << KIND_BITS) | ASK;
        else node = ((message - start) << KIND_BITS) | MESSAGE;
        this.#tree.set(this.#low, this.#high, node);
      }
      const kind = node & KIND;
      const value = node >> KIND_BITS;
      if (kind === MESSAGE) break;
      if (kind === READ) at = this.#read(view, at, start + value, end);
      else {
        questions.delete(value);
        this.#mix(ANSWER + answerOf(bytes, start, end, value));
      }
    }
    return message;
  }

  #readFirst(view: DataView, start: number, end: number): number {
    // Not 0: mixing digits into it would leave it as it is.
    this.#low = -1_640_531_535;
    this.#high = 0x5bd1_e995;
    return this.#read(view, start, start + FIRST_BYTES, end);
  }

  /** Mixes in the bytes from `from` to `to`, a multiple of four; answers where it came to, far behind `to` if the line ends before. */
  #read(view: DataView, from: number, to: number, end: number): number {
    let low = this.#low;
    let high = this.#high;
    let at = from;
    const whole = Math.min(to, end - 3);
    for (; at < whole; at += 4) {
      const digits = view.getInt32(at, true) ^ ZEROS;
      const isOther = (((digits & ~HIGHEST) + ABOVE_NINE) | digits) & HIGHEST;
      const word = digits & Math.imul(isOther >>> 7, 255);
      low = Math.imul(low ^ word, -2_048_144_777);
      low ^= low >>> 15;
      high = Math.imul(high + word, -1_028_477_379);
      high ^= high >>> 13;
    }
    this.#low = low;
    this.#high = high;
    if (at >= to) return at;
    for (let last = at; last < end; last++)
      this.#mix((BYTE_CLASS[view.getUint8(last)] & DIGIT) === 0 ? view.getUint8(last) : 0);
    this.#mix(LINE_END + end - at);
    return Number.MAX_SAFE_INTEGER;
  }

  #mix(code: number): void {
    const low = Math.imul(this.#low ^ code, -2_048_144_777);
    const high = Math.imul(this.#high + code, -1_028_477_379);
    this.#low = low ^ (low >>> 15);
    this.#high = high ^ (high >>> 13);
  }
}

function hasText(bytes: Uint8Array, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if ((BYTE_CLASS[bytes[at]] & (LETTER | DIGIT)) !== 0) return true;
  return false;
}
