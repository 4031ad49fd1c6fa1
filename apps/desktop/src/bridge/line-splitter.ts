/** Cuts text that comes in pieces into lines: an NDJSON answer arrives however the network likes. */
export class LineSplitter {
  #rest = '';

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
