import type { TemplateBlockDelta } from './template-block.ts';

/** A template as it is stored: what the miner must know of it after a restart, and what people are shown. */
export interface TemplateRow {
  /** Sixteen hex digits, the same in every process. */
  readonly templateId: string;
  readonly text: string;
  readonly codes: readonly number[];
  readonly texts: readonly string[];
  readonly isGeneralised: boolean;
  /** As received, at most 5, cut to 2,000 characters. */
  readonly examples: readonly string[];
}

/** The miner's numbers of the templates it has in memory: what changes with every line. */
export interface MinerHead {
  readonly lines: number;
  readonly nextId: number;
  readonly live: readonly {
    readonly id: number;
    readonly templateId: string;
    readonly hits: number;
    readonly weight: number;
    readonly lastLine: number;
  }[];
}

/** Lines that were counted under `from` belong to `to`. */
export interface TemplateAlias {
  readonly from: string;
  readonly to: string;
}

/** What a checkpoint stores of the templates. Only the blocks are additive; all else may be written twice. */
export interface TemplateCheckpoint {
  readonly miner: MinerHead;
  readonly templates: readonly TemplateRow[];
  readonly aliases: readonly TemplateAlias[];
  /** By source: events per template and level since its first event, encoded by the tally. */
  readonly uses: ReadonlyMap<string, Uint8Array>;
  readonly blocks: readonly TemplateBlockDelta[];
}

/** What a start finds; `templates` are those of the miner's head. */
export interface RestoredTemplates extends Omit<TemplateCheckpoint, 'miner' | 'blocks'> {
  /** Null at the very first start. */
  readonly miner: MinerHead | null;
  /** Stored level-0 blocks that still hold seconds which are not closed. */
  readonly openMinutes: readonly TemplateBlockDelta[];
}
