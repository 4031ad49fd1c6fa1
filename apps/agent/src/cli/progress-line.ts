import type { WriteStream } from 'node:tty';

const CELLS = 30;
const CLEAR = '\r\u001b[K';

/** A bar on the last line of a terminal; nothing at all where there is none. */
export class ProgressLine {
  readonly #out: Pick<WriteStream, 'write' | 'isTTY'>;
  readonly #isShown: boolean;
  #line = '';

  constructor(out: Pick<WriteStream, 'write' | 'isTTY'>, isWanted: boolean) {
    this.#out = out;
    this.#isShown = isWanted && out.isTTY;
  }

  /** @param fraction 0 to 1 */
  show(fraction: number, what: string): void {
    if (!this.#isShown) return;
    const full = Math.round(Math.min(1, Math.max(0, fraction)) * CELLS);
    this.#line = `${'█'.repeat(full)}${'░'.repeat(CELLS - full)} ${(fraction * 100).toFixed(0).padStart(3)} %  ${what}`;
    this.#out.write(CLEAR + this.#line);
  }

  /** What is written stays above the bar. */
  above(write: () => void): void {
    if (this.#line !== '') this.#out.write(CLEAR);
    write();
    if (this.#line !== '') this.#out.write(this.#line);
  }

  clear(): void {
    if (this.#line !== '') this.#out.write(CLEAR);
    this.#line = '';
  }
}
