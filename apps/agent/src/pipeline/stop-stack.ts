/** Whoever starts a thing registers its named stop on the next line; stops run in reverse order, once. */
export class StopStack {
  readonly #stops: { readonly name: string; readonly stop: () => Promise<void> | void }[] = [];
  #stopped: Promise<void> | undefined;

  add(name: string, stop: () => Promise<void> | void): void {
    this.#stops.push({ name, stop });
  }

  /** Safe to call twice, and before anything was started. A stop that fails or hangs does not keep the others from running. */
  stop(limitMs: number, onFailure: (name: string, error: unknown) => void): Promise<void> {
    this.#stopped ??= this.#run(limitMs, onFailure);
    return this.#stopped;
  }

  async #run(limitMs: number, onFailure: (name: string, error: unknown) => void): Promise<void> {
    for (const { name, stop } of this.#stops.toReversed()) {
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`did not stop within ${limitMs} ms`)), limitMs);
      });
      try {
        await Promise.race([stop(), limit]);
      } catch (error) {
        onFailure(name, error);
      } finally {
        clearTimeout(timer);
      }
    }
  }
}
