import type { RestoredTemplates, TemplateCheckpoint } from '../template-checkpoint.ts';

/** A checkpoint's templates before anything was said. */
export const NO_TEMPLATES: TemplateCheckpoint = {
  miner: { lines: 0, nextId: 0, live: [] },
  templates: [],
  aliases: [],
  uses: new Map(),
  blocks: [],
};

/** What a start finds of the templates when a checkpoint was the only one. */
export function restoredTemplates(checkpoint: TemplateCheckpoint): RestoredTemplates {
  const { blocks, ...rest } = checkpoint;
  return { ...rest, openMinutes: blocks.filter(({ level }) => level === 0) };
}
