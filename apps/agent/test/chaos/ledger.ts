import { type FileHandle, open } from 'node:fs/promises';
import type { ChaosBatch } from './payload.ts';

type Fate = 'sent' | 'acknowledged' | 'given up';

/**
 * What the oracle knows. An acknowledgement becomes an obligation once it is on disk: the file survives the oracle
 * itself, so that a crash of the machine can still be judged by hand.
 */
export class Ledger {
  readonly #file: FileHandle;
  readonly #fates = new Map<number, Fate>();
  #lines: string[] = [];
  #writing: Promise<void> | undefined;
  acknowledgedBatches = 0;
  acknowledgedEvents = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(path: string): Promise<Ledger> {
    return new Ledger(await open(path, 'wx'));
  }

  send(number: number): void {
    this.#fates.set(number, 'sent');
  }

  acknowledge(number: number, batch: ChaosBatch): void {
    if (this.#fates.get(number) === 'acknowledged') return;
    this.#fates.set(number, 'acknowledged');
    this.acknowledgedBatches++;
    this.acknowledgedEvents += batch.events;
    this.#write(`ack ${batch.id} ${batch.events}\n`);
  }

  /** Its sender never learnt what became of it and does not send it again: it may be there or not, and at most once. */
  giveUp(number: number): void {
    this.#fates.set(number, 'given up');
    this.#write(`gave-up ${number}\n`);
  }

  fateOf(number: number): Fate | undefined {
    return this.#fates.get(number);
  }

  /** Batches that were ever sent. */
  get numbers(): Iterable<number> {
    return this.#fates.keys();
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }

  #write(line: string): void {
    this.#lines.push(line);
    this.#writing ??= this.#flush();
  }

  async #flush(): Promise<void> {
    while (this.#lines.length > 0) {
      const lines = this.#lines;
      this.#lines = [];
      await this.#file.write(lines.join(''));
      await this.#file.datasync();
    }
    this.#writing = undefined;
  }
}
