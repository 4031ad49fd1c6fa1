import { FrameGovernor } from './frame-governor.ts';

/** A hidden window, or a laptop that slept, says nothing about how fast this machine draws. */
const PAUSE_MS = 250;

export interface FrameSource {
  readonly request: (run: (nowMs: number) => void) => number;
  readonly cancel: (handle: number) => void;
  /** True while moving things are to be drawn once a second only (reduced motion). */
  readonly calm: () => boolean;
}

type Kind = 'main' | 'mini';

/** One animation loop for every chart of the page: it runs while there is one, and spreads the small ones out. */
export class FrameLoop {
  readonly #source: FrameSource;
  readonly #governor = new FrameGovernor();
  readonly #draws = new Map<() => void, { readonly kind: Kind; readonly offset: number }>();
  #handle: number | null = null;
  #frame = 0;
  #registered = 0;
  #lastMs = 0;
  #lastCalmMs = 0;

  constructor(source: FrameSource) {
    this.#source = source;
  }

  /** Draws at the pace of its kind until the returned function is called. */
  add(kind: Kind, draw: () => void): () => void {
    // 7 and 15 have no common divisor: neighbours land on different frames.
    this.#draws.set(draw, { kind, offset: (this.#registered++ * 7) % 60 });
    this.#handle ??= this.#source.request((nowMs) => this.#run(nowMs));
    return () => {
      this.#draws.delete(draw);
      if (this.#draws.size > 0 || this.#handle === null) return;
      this.#source.cancel(this.#handle);
      this.#handle = null;
    };
  }

  #run(nowMs: number): void {
    this.#handle = this.#source.request((next) => this.#run(next));
    const deltaMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    if (deltaMs < PAUSE_MS) this.#governor.note(deltaMs, nowMs);
    if (this.#source.calm()) {
      if (nowMs - this.#lastCalmMs < 1000) return;
      this.#lastCalmMs = nowMs;
      for (const draw of this.#draws.keys()) draw();
      return;
    }
    this.#frame++;
    const { pace } = this.#governor;
    for (const [draw, { kind, offset }] of this.#draws) {
      const every = kind === 'main' ? pace.main : pace.mini;
      if ((this.#frame + (kind === 'main' ? 0 : offset)) % every === 0) draw();
    }
  }
}
