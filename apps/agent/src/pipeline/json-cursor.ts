import { literalEnd, numberEnd, stringEnd } from './json-lexemes.ts';

/** One bit of an integer an open container; nobody logs more than ten levels (design: reliability A9). */
const MAX_DEPTH = 32;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Walks through a JSON text without making anything of it: no objects, strings or closures. For formats in which the
 * events lie deep inside one document.
 *
 *     if (cursor.enterObject()) while (cursor.nextMember()) if (cursor.isKey(NAME)) … else cursor.skip();
 *
 * At each turn of such a loop exactly one value is due, and something must read it. Once the text is broken `isBroken`
 * is set, nothing moves any more and all loops end, so that it is enough to look at it after them.
 */
export class JsonCursor {
  at = 0;
  isBroken = false;
  isTooDeep = false;
  /** Of the last member, without the quotes. */
  keyStart = 0;
  keyEnd = 0;
  /** Of the last `text`, without the quotes. */
  textStart = 0;
  textEnd = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #end = 0;
  /** Nothing has been read of the container that was entered last. */
  #isFirst = false;

  begin(bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.#bytes = bytes;
    this.at = start;
    this.#end = end;
    this.isBroken = false;
    this.isTooDeep = false;
  }

  /** The first byte of the value that is due; 0 when there is none. */
  peek(): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let i = this.at;
    while (i < end && (bytes[i] === 0x20 || bytes[i] === 0x0a || bytes[i] === 0x0d || bytes[i] === 0x09)) i++;
    this.at = i;
    return i < end ? bytes[i] : 0;
  }

  /** Steps into an object; false, and nothing is read, when the value is something else. */
  enterObject(): boolean {
    return this.#enter(OPEN_OBJECT);
  }

  enterArray(): boolean {
    return this.#enter(OPEN_ARRAY);
  }

  /** On to the next member's value; false behind the last one, outside of the object again. */
  nextMember(): boolean {
    if (!this.#next(CLOSE_OBJECT)) return false;
    if (this.peek() !== QUOTE) return this.break();
    const keyEnd = stringEnd(this.#bytes, this.at + 1, this.#end);
    if (keyEnd < 0) return this.break(-1 - keyEnd);
    this.keyStart = this.at + 1;
    this.keyEnd = keyEnd;
    this.at = keyEnd + 1;
    if (this.peek() !== COLON) return this.break();
    this.at++;
    return true;
  }

  /** On to the next element; false behind the last one, outside of the array again. */
  nextElement(): boolean {
    return this.#next(CLOSE_ARRAY);
  }

  isKey(name: Uint8Array): boolean {
    if (this.keyEnd - this.keyStart !== name.length) return false;
    for (let i = 0; i < name.length; i++) if (this.#bytes[this.keyStart + i] !== name[i]) return false;
    return true;
  }

  /** Reads a string; false, and the value is stepped over, when it is something else. */
  text(): boolean {
    if (this.peek() !== QUOTE) {
      this.skip();
      return false;
    }
    const end = stringEnd(this.#bytes, this.at + 1, this.#end);
    if (end < 0) return this.break(-1 - end);
    this.textStart = this.at + 1;
    this.textEnd = end;
    this.at = end + 1;
    return true;
  }

  /** Reads a string or a number into `textStart` … `textEnd`; what else there is, is stepped over. */
  textOrNumber(): boolean {
    const first = this.peek();
    if (first !== MINUS && !(first >= 0x30 && first <= 0x39)) return this.text();
    this.textStart = this.at;
    this.#scalar();
    this.textEnd = this.at;
    return !this.isBroken;
  }

  /** Steps over the value that is due, whatever it is. */
  skip(): void {
    let depth = 0;
    let objects = 0;
    for (;;) {
      const isObject = this.enterObject();
      if (isObject || this.enterArray()) {
        if (depth === MAX_DEPTH) {
          this.isTooDeep = true;
          this.break();
          return;
        }
        objects = isObject ? objects | (1 << depth) : objects & ~(1 << depth);
        depth++;
      } else this.#scalar();
      while (depth > 0 && !((objects & (1 << (depth - 1))) === 0 ? this.nextElement() : this.nextMember())) depth--;
      if (depth === 0) return;
    }
  }

  /** True when nothing but blanks follows. */
  isAtEnd(): boolean {
    return !this.isBroken && this.peek() === 0 && this.at === this.#end;
  }

  /** Gives up: what is at `at` is not what must be there. */
  break(at = this.at): false {
    this.at = at;
    this.#end = at;
    this.isBroken = true;
    return false;
  }

  #enter(open: number): boolean {
    if (this.peek() !== open) return false;
    this.at++;
    this.#isFirst = true;
    return true;
  }

  #next(close: number): boolean {
    if (this.isBroken) return false;
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    const byte = this.peek();
    if (byte === close) {
      this.at++;
      return false;
    }
    if (isFirst) return true;
    if (byte !== COMMA) return this.break();
    this.at++;
    return true;
  }

  #scalar(): void {
    const first = this.peek();
    const bytes = this.#bytes;
    let end: number;
    if (this.at >= this.#end) end = -1 - this.at;
    else if (first === QUOTE) {
      end = stringEnd(bytes, this.at + 1, this.#end);
      if (end >= 0) end++;
    } else if (first === MINUS || (first >= 0x30 && first <= 0x39)) end = numberEnd(bytes, this.at, this.#end);
    else end = literalEnd(bytes, this.at, this.#end);
    if (end < 0) this.break(-1 - end);
    else this.at = end;
  }
}
