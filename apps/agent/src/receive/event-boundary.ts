import { createLineJoiner, type LineJoiner } from '../pipeline/line-joining.ts';
import type { TextReading } from '../pipeline/text-reading.ts';

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const PARTIAL = 0x50;
const BLANK_LINE = Buffer.from('\n\n');

/** Where a growing text can be cut. */
export interface Boundary {
  /** Behind the last event that is certainly over: what follows it does not belong to it. */
  readonly certain: number;
  /** Behind the last whole line; more lines may still belong to its event. */
  readonly line: number;
}

/** Finds where a text that is still being written can be cut without cutting an event, by the rules its scan joins lines by. */
export class EventBoundaries {
  readonly #joiner: LineJoiner;
  readonly #parser: string;

  constructor({ parser, join }: Pick<TextReading, 'parser' | 'join'>) {
    this.#parser = parser;
    this.#joiner = createLineJoiner(join);
  }

  /** @param bytes begins with an event */
  of(bytes: Buffer): Boundary {
    if (this.#parser === 'journald') {
      const blank = bytes.lastIndexOf(BLANK_LINE);
      const end = blank < 0 ? 0 : blank + BLANK_LINE.length;
      return { certain: end, line: end };
    }
    const joiner = this.#joiner;
    joiner.reset();
    let certain = 0;
    let isOpen = false;
    let start = 0;
    for (let newline = bytes.indexOf(LF); newline >= 0; newline = bytes.indexOf(LF, start)) {
      const content = this.#parser === 'cri' ? criContent(bytes, start, newline) : start;
      const end = newline > content && bytes[newline - 1] === CR ? newline - 1 : newline;
      // Every line is asked, in order: a joiner remembers.
      const continues = isOpen || joiner.continues(bytes, content, end);
      if (!continues) certain = start;
      isOpen = this.#parser === 'cri' && content > start + 2 && bytes[content - 2] === PARTIAL;
      start = newline + 1;
    }
    return { certain, line: start };
  }
}

/** Behind the third blank of a CRI line. */
function criContent(bytes: Buffer, start: number, end: number): number {
  let at = start;
  for (let word = 0; word < 3; word++) {
    const space = bytes.indexOf(SPACE, at);
    if (space < 0 || space >= end) return start;
    at = space + 1;
  }
  return at;
}
