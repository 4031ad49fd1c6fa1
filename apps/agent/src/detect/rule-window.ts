import { LatencySketch } from '@sentinellog/shared';

/** A window is kept in so many pieces: it slides by a twentieth of itself. */
const PIECES = 20;
/** Different values that a window tells apart; a rule about more than that has fired long since. */
const MOST_VALUES = 10_000;

/** What came in one piece of a window. */
interface Piece {
  matching: number;
  all: number;
  latency: LatencySketch | null;
  values: Set<string> | null;
}

/** What a second adds to a window; `all` is what `matching` is a part of. */
export interface WindowPart {
  readonly matching: number;
  readonly all: number;
  readonly latency?: readonly (readonly [bucket: number, times: number])[];
  readonly values?: readonly string[];
}

/** A piece as it is stored. */
export type StoredPiece = readonly [
  place: number,
  matching: number,
  all: number,
  latency: readonly (readonly [number, number])[],
  values: readonly string[],
];

/** The last seconds of one group of a rule, in pieces; holds only pieces in which something came. */
export class RuleWindow {
  readonly #pieceSeconds: number;
  readonly #pieces = new Map<number, Piece>();

  constructor(windowSeconds: number) {
    this.#pieceSeconds = Math.max(1, Math.ceil(windowSeconds / PIECES));
  }

  get isEmpty(): boolean {
    return this.#pieces.size === 0;
  }

  add(second: number, { matching, all, latency = [], values = [] }: WindowPart): void {
    const place = Math.floor(second / this.#pieceSeconds);
    let piece = this.#pieces.get(place);
    if (piece === undefined) this.#pieces.set(place, (piece = { matching: 0, all: 0, latency: null, values: null }));
    piece.matching += matching;
    piece.all += all;
    if (latency.length > 0) {
      piece.latency ??= new LatencySketch();
      for (const [bucket, times] of latency) piece.latency.add(bucket, times);
    }
    for (const value of values) {
      piece.values ??= new Set();
      if (piece.values.size < MOST_VALUES) piece.values.add(value);
    }
  }

  /** What is costly to ask for is asked for as often as the window slides. */
  isDue(second: number): boolean {
    return (second + 1) % this.#pieceSeconds === 0;
  }

  /** Lets go of what is over at a second. */
  slide(second: number, windowSeconds: number): void {
    const first = Math.floor((second - windowSeconds) / this.#pieceSeconds);
    for (const place of this.#pieces.keys()) if (place <= first) this.#pieces.delete(place);
  }

  sums(): { readonly matching: number; readonly all: number } {
    let matching = 0;
    let all = 0;
    for (const piece of this.#pieces.values()) {
      matching += piece.matching;
      all += piece.all;
    }
    return { matching, all };
  }

  /** In ms; NaN when nothing took any time. */
  quantile(share: number): number {
    const whole = new LatencySketch();
    for (const { latency } of this.#pieces.values()) if (latency) whole.merge(latency);
    return whole.quantile(share);
  }

  distinct(): number {
    const whole = new Set<string>();
    for (const { values } of this.#pieces.values()) for (const value of values ?? []) whole.add(value);
    return whole.size;
  }

  stored(): readonly StoredPiece[] {
    return Array.from(this.#pieces, ([place, { matching, all, latency, values }]) => {
      return [place, matching, all, latency?.entries() ?? [], [...(values ?? [])]] as const;
    });
  }

  restore(pieces: readonly StoredPiece[]): void {
    for (const [place, matching, all, latency, values] of pieces)
      this.add(place * this.#pieceSeconds, { matching, all, latency, values });
  }
}
