/**
 * HOT: every searched byte passes through here. A piece of the buffer becomes a string of one byte a character, which
 * V8's regular expressions search several times faster than a core decompresses. 64 KiB: small enough that V8 keeps
 * the string in its young heap; from 128 KiB on each is a page-faulting allocation of its own, six times slower.
 */
const PIECE_BYTES = 64 * 1024;

/** Finds ASCII texts in bytes, whatever their case. */
export class LiteralFinder {
  readonly #pattern: RegExp;
  readonly #overlap: number;

  /** @param literals not empty, none of them empty */
  constructor(literals: readonly string[]) {
    this.#pattern = new RegExp(
      literals.map((literal) => literal.replaceAll(/[^a-z0-9]/g, String.raw`\$&`)).join('|'),
      'gi',
    );
    this.#overlap = Math.max(...literals.map(({ length }) => length)) - 1;
  }

  /** Where one of them begins, ascending, in `into`; what was in there is gone. */
  find(raw: Buffer, into: number[]): void {
    into.length = 0;
    const pattern = this.#pattern;
    for (let at = 0; at < raw.length; at += PIECE_BYTES) {
      const piece = raw.toString('latin1', at, Math.min(raw.length, at + PIECE_BYTES + this.#overlap));
      pattern.lastIndex = 0;
      for (let hit = pattern.exec(piece); hit !== null && hit.index < PIECE_BYTES; hit = pattern.exec(piece)) {
        into.push(at + hit.index);
        // Alternatives may overlap.
        pattern.lastIndex = hit.index + 1;
      }
    }
  }
}
