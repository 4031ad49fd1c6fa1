import { BLOCK_LEVELS, FrameBlock } from '@sentinellog/shared';
import type { BlockDelta } from '../pipeline/checkpoint.ts';
import { FRAME_WIDTH } from './scanned-batch.ts';
import type { SourceState } from './source-state.ts';

const [MINUTES, HOURS, DAYS] = BLOCK_LEVELS;

/**
 * What has been counted since the last checkpoint, as additive minutes of seconds. Hours and days are the same sums,
 * so they are made when they are asked for and cost nothing per event.
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
    const hours = summed(minutes, HOURS);
    const days = summed(hours, DAYS);
    return [
      ...Array.from(minutes, ([start, block]) => ({ sourceId, level: MINUTES.level, start, block })),
      ...Array.from(hours, ([start, block]) => ({ sourceId, level: HOURS.level, start, block })),
      ...Array.from(days, ([start, block]) => ({ sourceId, level: DAYS.level, start, block })),
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

/** Adds up each finer block into its slot of the coarser level. */
function summed(
  finer: ReadonlyMap<number, FrameBlock>,
  { unit, span }: { readonly unit: number; readonly span: number },
): Map<number, FrameBlock> {
  const coarser = new Map<number, FrameBlock>();
  for (const [start, block] of finer) {
    const offset = start % span;
    let target = coarser.get(start - offset);
    if (target === undefined) coarser.set(start - offset, (target = new FrameBlock(span / unit)));
    const at = Math.floor(offset / unit) * FRAME_WIDTH;
    for (let i = 0; i < block.cells.length; i++) target.cells[at + (i % FRAME_WIDTH)] += block.cells[i];
  }
  return coarser;
}
