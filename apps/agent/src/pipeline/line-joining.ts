import { RE2JS } from 're2js';
import { JOIN_NOTHING, JOIN_STACKS } from './text-reading.ts';

const SPACE = 0x20;
const TAB = 0x09;

const CAUSED_BY = bytesOf('Caused by: ');
const TRACEBACK = bytesOf('Traceback (most recent call last):');
const DURING = bytesOf('During handling of the above exception');
const DIRECT_CAUSE = bytesOf('The above exception was the direct cause');
const INNER_END = bytesOf('--- End of ');
const GOROUTINE = bytesOf('goroutine ');

/** Where a Python traceback stands: its last line is the only one of it that is not indented. */
type Traceback = 'none' | 'frames' | 'over' | 'chained';

/** Which lines belong to the one before. Reads bytes, keeps no text; one joiner follows one stream of lines. */
export interface LineJoiner {
  /** Forgets the lines before. */
  reset(): void;
  /** True when the line (without its line feed) belongs to the event before it. Every line is asked once, in order. */
  continues(bytes: Uint8Array, start: number, end: number): boolean;
}

/** @param join `stack`, `none`, or a regular expression (RE2) that finds lines which belong to the one before */
export function createLineJoiner(join: string): LineJoiner {
  switch (join) {
    case JOIN_STACKS:
      return new StackJoiner();
    case JOIN_NOTHING:
      return { reset: () => undefined, continues: () => false };
    default: {
      const pattern = RE2JS.compile(join);
      const continues = (bytes: Uint8Array, start: number, end: number): boolean =>
        pattern.matcher(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')).find();
      return { reset: () => undefined, continues };
    }
  }
}

/** Stack traces as the JVM, Python, Node.js, .NET and Go print them. */
class StackJoiner implements LineJoiner {
  #traceback: Traceback = 'none';

  reset(): void {
    this.#traceback = 'none';
  }

  continues(bytes: Uint8Array, start: number, end: number): boolean {
    const before = this.#traceback;
    if (start === end) return before === 'over' || before === 'chained';
    const first = bytes[start];
    if (first === SPACE || first === TAB) return true;
    if (begins(bytes, start, end, TRACEBACK)) {
      this.#traceback = 'frames';
      // Behind a traceback that is over, another one is an event of its own unless the line between says otherwise.
      return before !== 'over';
    }
    if (begins(bytes, start, end, DURING) || begins(bytes, start, end, DIRECT_CAUSE)) {
      this.#traceback = 'chained';
      return true;
    }
    this.#traceback = before === 'frames' ? 'over' : 'none';
    return (
      before === 'frames' ||
      begins(bytes, start, end, CAUSED_BY) ||
      begins(bytes, start, end, INNER_END) ||
      begins(bytes, start, end, GOROUTINE)
    );
  }
}

function begins(bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  if (end - start < text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text[i]) return false;
  return true;
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
