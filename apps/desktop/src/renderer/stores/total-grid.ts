import type { DrawnSignal } from '@sentinellog/shared';
import { BeatGrid } from './beat-grid.ts';
import { combineReadings } from './combine-readings.ts';

/** The sum of several series, brought up to date only where a part of it has changed since the last look. */
export class TotalGrid {
  readonly grid: BeatGrid;
  readonly #signal: DrawnSignal;
  readonly #parts: () => readonly BeatGrid[];
  #dirtyFrom = 0;

  constructor(signal: DrawnSignal, stepSeconds: number, capacity: number, parts: () => readonly BeatGrid[]) {
    this.grid = new BeatGrid(stepSeconds, capacity);
    this.#signal = signal;
    this.#parts = parts;
  }

  /** Something at or after this bucket is different now; 0 says that everything may be. */
  touch(bucket: number): void {
    this.#dirtyFrom = Math.min(this.#dirtyFrom, bucket);
  }

  refresh(): void {
    if (this.#dirtyFrom === Number.POSITIVE_INFINITY) return;
    const parts = this.#parts();
    const newest = parts.reduce((highest, part) => Math.max(highest, part.newest), -1);
    const from = Math.max(this.#dirtyFrom, newest - this.grid.capacity + 1, 0);
    for (let bucket = from; bucket <= newest; bucket++) {
      this.grid.put(
        bucket,
        combineReadings(
          this.#signal,
          parts.map((part) => part.get(bucket)),
        ),
      );
    }
    this.#dirtyFrom = Number.POSITIVE_INFINITY;
  }
}
