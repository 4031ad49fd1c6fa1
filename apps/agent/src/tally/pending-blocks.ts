import { BLOCK_LEVELS, FrameBlock } from '@sentinellog/shared';
import type { BlockDelta } from '../pipeline/checkpoint.ts';
import { FRAME_WIDTH } from './scanned-batch.ts';
import type { SourceState } from './source-state.ts';

const [MINUTES, HOURS, DAYS] = BLOCK_LEVELS;

/**
 * What has been counted since the last checkpoint, as additive minutes of seconds. Hours and days are the same sums, so each is made
 * when its cells are asked for: nothing per event, and never those of all sources at once, which would be 47 MB for ten thousand.
 */
export class PendingBlocks {
  readonly #bySource = new Map<SourceState, Map<number, FrameBlock>>();

  /** @param at first counter of the second in `cells`, in the order of FRAME_COLUMNS */
  add(source: SourceState, second: number, cells: Int32Array, at: number): void {
    const slot = second % MINUTES.span;
    const target = this.#minute(source, second - slot).cells;
    for (let column = 0; column < FRAME_WIDTH; column++) target[slot * FRAME_WIDTH + column] += cells[at + column];
  }

  /** Takes back minutes that a failed commit did not store. */
  merge(source: SourceState, start: number, block: FrameBlock): void {
    this.#minute(source, start).merge(block);
  }

  /** All levels of all sources. The blocks are the caller's: call `clear` next, or treat them as borrowed. */
  deltas(): BlockDelta[] {
    const deltas: BlockDelta[] = [];
    for (const source of this.#bySource.keys()) deltas.push(...this.of(source));
    return deltas;
  }

  /** All levels of one source. */
  of(source: SourceState): BlockDelta[] {
    const minutes = this.#bySource.get(source);
    if (minutes === undefined) return [];
    const { sourceId } = source;
    return [
      ...Array.from(minutes, ([start, block]) => ({ sourceId, level: MINUTES.level, start, block })),
      ...coarser(sourceId, minutes, HOURS),
      ...coarser(sourceId, minutes, DAYS),
    ];
  }

  clear(): void {
    this.#bySource.clear();
  }

  #minute(source: SourceState, start: number): FrameBlock {
    let minutes = this.#bySource.get(source);
    if (minutes === undefined) this.#bySource.set(source, (minutes = new Map()));
    let block = minutes.get(start);
    if (block === undefined) minutes.set(start, (block = new FrameBlock(MINUTES.span / MINUTES.unit)));
    return block;
  }
}

type Level = (typeof BLOCK_LEVELS)[number];

function coarser(sourceId: string, minutes: ReadonlyMap<number, FrameBlock>, to: Level): BlockDelta[] {
  const starts = new Set(Array.from(minutes.keys(), (start) => start - (start % to.span)));
  return Array.from(starts, (start) => ({
    sourceId,
    level: to.level,
    start,
    get block() {
      return summed(minutes, start, to);
    },
  }));
}

/** Adds up the minutes of a coarser block, each into its slot. */
function summed(minutes: ReadonlyMap<number, FrameBlock>, start: number, { unit, span }: Level): FrameBlock {
  const sum = new FrameBlock(span / unit);
  for (const [minute, { cells }] of minutes) {
    if (minute < start || minute >= start + span) continue;
    const at = Math.floor((minute - start) / unit) * FRAME_WIDTH;
    for (let i = 0; i < cells.length; i++) sum.cells[at + (i % FRAME_WIDTH)] += cells[i];
  }
  return sum;
}
