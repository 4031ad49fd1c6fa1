import { BLOCK_LEVELS, type BlockLevel } from '@sentinellog/shared';
import type { Checkpointer } from './checkpointer.ts';
import { TemplateBlock } from './pipeline/template-block.ts';
import type { Store } from './store/store.ts';
import type { Tally } from './tally/tally.ts';

/** As long as template counts are kept by the second (store/retention.ts). */
const SECONDS_KEPT = 86_400;

export interface TemplateCountsQuery {
  readonly sourceIds: readonly string[];
  /** Unix seconds: from ≤ t < to. */
  readonly fromSecond: number;
  readonly toSecond: number;
  readonly stepSeconds: number;
}

export interface TemplateCount {
  readonly source_id: string;
  /** After all merges since. */
  readonly template_id: string;
  /** Unix second at which the step starts: `fromSecond` plus a multiple of `stepSeconds`. */
  readonly t: number;
  /** Events, 1 or more. */
  readonly count: number;
}

export interface TemplateCounts {
  /** The range that was counted: the one asked for, widened to whole units of what is stored. */
  readonly fromSecond: number;
  readonly toSecond: number;
  readonly unitSeconds: number;
  /** In no order; a template that was merged from several may come several times with one t: they add up. */
  readonly counts: readonly TemplateCount[];
}

export type TemplateCountsReader = (query: TemplateCountsQuery) => Promise<TemplateCounts>;

/**
 * Events per source, template and step, stored and not yet stored, as one consistent cut: over any range their sum is
 * the volume of the frames, to the event. Counts are kept by the second for a day, by the minute for 90 days, by the
 * hour for 400; the finest that covers the range is used unless a coarser one says the same.
 * Rejects with StoreUnavailable while the database cannot answer.
 */
export function templateCountsReader(parts: {
  readonly store: Pick<Store, 'templateBlocks'>;
  readonly tally: Pick<Tally, 'templates'>;
  readonly checkpointer: Pick<Checkpointer, 'readStored'>;
  readonly resolve: (templateId: string) => string;
  readonly now: () => number;
}): TemplateCountsReader {
  const { store, tally, checkpointer, resolve, now } = parts;
  return ({ sourceIds, fromSecond, toSecond, stepSeconds }) => {
    const { level, unit } = levelFor(fromSecond, toSecond, stepSeconds, Math.floor(now() / 1000));
    const from = Math.floor(fromSecond / unit) * unit;
    const to = Math.ceil(toSecond / unit) * unit;
    return checkpointer.readStored(
      () => store.templateBlocks({ sourceIds, level, fromSecond: from, toSecond: to }),
      (stored) => {
        const counts: TemplateCount[] = [];
        const read = (sourceId: string, start: number, block: TemplateBlock): void => {
          for (const [templateId, row] of block.rows) {
            for (let i = 0; i < row.length; i += 2) {
              const second = start + row[i] * unit;
              if (second < from || second >= to) continue;
              const t = from + Math.floor((second - from) / stepSeconds) * stepSeconds;
              counts.push({ source_id: sourceId, template_id: resolve(templateId), t, count: row[i + 1] });
            }
          }
        };
        for (const { sourceId, start, body } of stored) read(sourceId, start, TemplateBlock.decode(body));
        for (const sourceId of sourceIds) {
          for (const { start, block } of tally.templates.pendingOf(sourceId, level)) read(sourceId, start, block);
        }
        return { fromSecond: from, toSecond: to, unitSeconds: unit, counts };
      },
    );
  };
}

function levelFor(from: number, to: number, step: number, now: number): { level: BlockLevel; unit: number } {
  const exact = BLOCK_LEVELS.findLast(({ unit }) => step % unit === 0 && from % unit === 0 && to % unit === 0);
  const level = exact ?? BLOCK_LEVELS[0];
  return level.level === 0 && from < now - SECONDS_KEPT ? BLOCK_LEVELS[1] : level;
}
