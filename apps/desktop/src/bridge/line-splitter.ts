/** Cuts text that comes in pieces into lines: an NDJSON answer arrives however the network likes. */
export class LineSplitter {
  #rest = '';

  /** How much of an unfinished line is kept, for whoever bounds it. */
  get restLength(): number {
    return this.#rest.length;
  }

  /** Whole lines that this piece completes; empty ones are left out. */
  push(text: string): readonly string[] {
    const lines = `${this.#rest}${text}`.split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.filter((line) => line !== '');
  }

  /** The last line, where it did not end in a line break. */
  end(): readonly string[] {
    const rest = this.#rest;
    this.#rest = '';
    return rest === '' ? [] : [rest];
  }
}

/** The lines of a text that comes in pieces, each as soon as it is whole. */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  const splitter = new LineSplitter();
  for await (const piece of pieces) yield* splitter.push(piece);
  yield* splitter.end();
}
