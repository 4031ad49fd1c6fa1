/** Reads JSON and remembers where each value stands, so that a mistake can be shown on its line. */

export interface Place {
  /** From one. */
  readonly line: number;
  readonly column: number;
}

export type ReadJson =
  | { readonly ok: true; readonly value: unknown; placeOf(path: readonly PropertyKey[]): Place }
  | { readonly ok: false; readonly message: string; readonly place: Place };

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** Control characters are a matter of their own: C0 only, which \p{Cc} is not. */
const STRING = /"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/uy;
const WORDS = ['true', 'false', 'null'] as const;
/** Deeper nesting than any rule has; it keeps a hostile paste from using up the stack. */
const MAX_DEPTH = 60;

class Mistake extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

export function readJson(text: string): ReadJson {
  const offsets = new Map<string, number>();
  try {
    new Reader(text, offsets).read();
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    return { ok: false, message: error.message, place: placeAt(text, error.offset) };
  }
  return {
    ok: true,
    value: JSON.parse(text),
    placeOf: (path) => {
      // What is missing has no place of its own: that of what it is missing from.
      for (let length = path.length; length >= 0; length--) {
        const offset = offsets.get(keyOf(path.slice(0, length)));
        if (offset !== undefined) return placeAt(text, offset);
      }
      return { line: 1, column: 1 };
    },
  };
}

function keyOf(path: readonly PropertyKey[]): string {
  return JSON.stringify(path.map(String));
}

function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

/** The grammar of RFC 8259, without making values: that is JSON.parse's work. */
class Reader {
  readonly #text: string;
  readonly #offsets: Map<string, number>;
  #at = 0;

  constructor(text: string, offsets: Map<string, number>) {
    this.#text = text;
    this.#offsets = offsets;
  }

  read(): void {
    this.#value([]);
    this.#space();
    if (this.#at < this.#text.length) throw this.#mistake('nothing may follow the closing brace');
  }

  #value(path: readonly string[]): void {
    this.#space();
    if (path.length > MAX_DEPTH) throw this.#mistake(`nested deeper than ${MAX_DEPTH} levels`);
    this.#offsets.set(JSON.stringify(path), this.#at);
    const next = this.#text[this.#at];
    if (next === '{') this.#object(path);
    else if (next === '[') this.#array(path);
    else if (next === '"') this.#string();
    else if (!this.#word() && this.#match(NUMBER) === null) throw this.#mistake('a value is expected here');
  }

  #object(path: readonly string[]): void {
    this.#at++;
    if (this.#take('}')) return;
    do {
      this.#space();
      if (this.#text[this.#at] !== '"') throw this.#mistake('a name in double quotes is expected here');
      const name: unknown = JSON.parse(this.#string());
      if (!this.#take(':')) throw this.#mistake('a colon is expected after the name');
      this.#value([...path, String(name)]);
    } while (this.#take(','));
    if (!this.#take('}')) throw this.#mistake('a comma or a closing brace is expected here');
  }

  #array(path: readonly string[]): void {
    this.#at++;
    if (this.#take(']')) return;
    let index = 0;
    do this.#value([...path, String(index++)]);
    while (this.#take(','));
    if (!this.#take(']')) throw this.#mistake('a comma or a closing bracket is expected here');
  }

  #string(): string {
    const found = this.#match(STRING);
    if (found === null)
      throw this.#mistake('this text has no closing quote, or holds a character that must be escaped');
    return found;
  }

  #word(): boolean {
    const word = WORDS.find((one) => this.#text.startsWith(one, this.#at));
    this.#at += word?.length ?? 0;
    return word !== undefined;
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? null;
    this.#at += found?.length ?? 0;
    return found;
  }

  #take(sign: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== sign) return false;
    this.#at++;
    return true;
  }

  #space(): void {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #mistake(message: string): Mistake {
    return new Mistake(message, this.#at);
  }
}
