import { FrameBlock } from '@sentinellog/shared';
import type { BlockDelta } from '../pipeline/checkpoint.ts';
import { TemplateBlock, type TemplateBlockDelta } from '../pipeline/template-block.ts';
import { keyOf } from './frame-blocks.ts';
import { templateBlockKey } from './template-blocks.ts';

/**
 * What a commit would have added whose answer was lost. Only block deltas are additive; everything else of a
 * checkpoint can be written twice. Encoded at once: afterwards the caller goes on adding to its own blocks.
 */
export class DoubtfulCommit {
  readonly sequence: number;
  readonly #added: ReadonlyMap<string, Uint8Array>;
  readonly #templates: ReadonlyMap<string, Uint8Array>;

  constructor(sequence: number, deltas: readonly BlockDelta[], templates: readonly TemplateBlockDelta[]) {
    this.sequence = sequence;
    const added = new Map<string, Uint8Array>();
    for (const delta of deltas) {
      const earlier = added.get(keyOf(delta));
      const sum = earlier === undefined ? new FrameBlock(delta.block.slots) : FrameBlock.decode(earlier);
      sum.merge(delta.block);
      added.set(keyOf(delta), sum.encode());
    }
    this.#added = added;
    this.#templates = new Map(templates.map((delta) => [templateBlockKey(delta), delta.body]));
  }

  /** As `without`, of template counts. */
  withoutTemplates(deltas: readonly TemplateBlockDelta[]): TemplateBlockDelta[] {
    return deltas.flatMap((delta) => {
      const stored = this.#templates.get(templateBlockKey(delta));
      if (stored === undefined) return [delta];
      const rest = TemplateBlock.decode(delta.body).without(TemplateBlock.decode(stored));
      return rest === undefined ? [] : [{ ...delta, body: rest.encode() }];
    });
  }

  /** The caller's next deltas hold the doubtful ones again; without them when it turns out that they are stored. */
  without(deltas: readonly BlockDelta[]): BlockDelta[] {
    const open = new Map(this.#added);
    return deltas.flatMap((delta) => {
      const stored = open.get(keyOf(delta));
      if (stored === undefined) return [delta];
      open.delete(keyOf(delta));
      const rest = subtract(delta, FrameBlock.decode(stored));
      return rest.cells.some((count) => count !== 0) ? [{ ...delta, block: rest }] : [];
    });
  }
}

function subtract(delta: BlockDelta, stored: FrameBlock): FrameBlock {
  const rest = delta.block.cells.map((count, cell) => count - stored.cells[cell]);
  if (rest.some((count) => count < 0))
    throw new Error(
      `block ${keyOf(delta)} lost counts after a commit in doubt: give back what was taken before taking again`,
    );
  return new FrameBlock(delta.block.slots, rest);
}
