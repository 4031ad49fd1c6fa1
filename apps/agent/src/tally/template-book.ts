import { MINER_STATE_VERSION, type MinedTemplate, TemplateMiner, templateText } from '@sentinellog/detector';
import { BLOCK_LEVELS, type BlockLevel, LEVELS } from '@sentinellog/shared';
import { TemplateBlock, type TemplateBlockDelta } from '../pipeline/template-block.ts';
import type {
  MinerHead,
  RestoredTemplates,
  TemplateAlias,
  TemplateCheckpoint,
  TemplateRow,
} from '../pipeline/template-checkpoint.ts';
import type { BatchLines } from './batch-lines.ts';
import { MINUTE, SourceTemplates } from './source-templates.ts';
import { current, TemplateRecord } from './template-record.ts';

/** Where events go whose source has too many templates already; no hash is all zeros. */
export const OVERFLOW_TEMPLATE = '0000000000000000';
/** Of a message without a word in it. */
const EMPTY_TEXT = '(empty)';
const OVERFLOW_TEXT = '(templates beyond the limit of their source)';
/** A source with more has values in its messages that look like words; its next templates would be noise too. */
const MAX_TEMPLATES_A_SOURCE = 1000;
/** A full source gives up templates that were silent for a day, and looks for such ones once an hour. */
const SILENT_SECONDS = 86_400;
const PRUNE_EVERY_SECONDS = 3600;

/** Merged ids that are followed; older ones are forgotten first, and stand for themselves then. */
const MAX_ALIASES = 65_536;

const ERROR_LEVELS = [LEVELS.indexOf('error'), LEVELS.indexOf('fatal')];

function isErrorLevel(level: number): boolean {
  return ERROR_LEVELS.includes(level);
}

/** A block of template counts that starts at a unix second. */
export interface StartedBlock {
  readonly start: number;
  readonly block: TemplateBlock;
}

/**
 * All templates: the miner, who uses them, and what was counted since the last checkpoint. Fed in journal order only,
 * so that a replay gives the same templates and counts.
 */
export class TemplateBook {
  readonly #onMerge = (from: MinedTemplate, to: MinedTemplate) => this.#merged(from, to);
  #miner = new TemplateMiner(this.#onMerge);
  readonly #byId = new Map<string, TemplateRecord>();
  /** By the miner's number. */
  readonly #byMined = new Map<number, TemplateRecord>();
  readonly #overflow: TemplateRecord;
  readonly #sources: SourceTemplates[] = [];
  readonly #bySource = new Map<string, SourceTemplates>();
  /** Merged templates, oldest first, and what they became. */
  readonly #aliasOf = new Map<string, string>();
  /** Of merges since the last checkpoint. */
  #aliases: TemplateAlias[] = [];
  /** Blocks of failed commits, by key; they wait encoded, as an outage may be long. */
  readonly #returned = new Map<string, TemplateBlockDelta>();
  /** Rows of failed commits: their templates may be given up before the next one. */
  readonly #returnedRows = new Map<string, TemplateRow>();
  /** By the record's own number. */
  readonly #byNumber = new Map<number, TemplateRecord>();
  /** Of the record that is being applied, by line. */
  readonly #lines: TemplateRecord[] = [];
  #numbers = 0;
  /** Events counted under the overflow template. */
  overflowed = 0;

  constructor() {
    this.#overflow = this.#record(OVERFLOW_TEMPLATE);
    this.#overflow.text = OVERFLOW_TEXT;
    this.#overflow.changed = true;
  }

  source(sourceId: string, service: string): SourceTemplates {
    const source = new SourceTemplates(sourceId, service);
    this.#sources.push(source);
    this.#bySource.set(sourceId, source);
    return source;
  }

  /**
   * Gives each distinct line of a record its template. Then `add` its cells.
   * @param mayBeNew whether some source of the line has room for one more template: a source that is full sends noise,
   *   and mining it would cost everybody (a hundred times as much as a known line)
   */
  mine(lines: BatchLines, mayBeNew: (line: number) => boolean): void {
    const records = this.#lines;
    const miner = this.#miner;
    records.length = 0;
    lines.eachLine((low, high, specimen, start, limit, count) => {
      const mined = mayBeNew(records.length)
        ? miner.count(low, high, specimen, start, limit, count)
        : miner.countKnown(low, high, specimen, start, limit, count);
      const record = mined === null ? this.#overflow : this.#recordOf(mined);
      if (mined !== null) record.offer(specimen);
      records.push(record);
    });
  }

  /** Whether a source may have one more template. */
  hasRoom(source: SourceTemplates, second: number): boolean {
    return source.uses.size < MAX_TEMPLATES_A_SOURCE || this.#makesRoom(source, second);
  }

  /** Counts events of one of the lines that `mine` was given. */
  add(line: number, source: SourceTemplates, second: number, level: number, events: number, isOpen: boolean): void {
    let record = current(this.#lines[line]);
    let use = source.uses.get(record);
    const isFresh = use === undefined;
    if (use === undefined) {
      if (!this.hasRoom(source, second)) record = this.#overflow;
      use = source.use(record, second);
    }
    if (record === this.#overflow) this.overflowed += events;
    use.levels[level] += events;
    use.firstSecond = Math.min(use.firstSecond, second);
    use.lastSecond = Math.max(use.lastSecond, second);
    source.changed = true;
    source.addPending(record, second, events);
    if (isOpen) source.addOpen(record, second, events, isErrorLevel(level), isFresh && record !== this.#overflow);
  }

  /** Everything since the last checkpoint, and a fresh start for the next one. */
  takeDelta(): TemplateCheckpoint {
    const blocks = this.#takeBlocks();
    const templates = this.#takeRows();
    this.#forgetUnused();
    const uses = new Map<string, Uint8Array>();
    for (const source of this.#sources) {
      if (!source.changed) continue;
      source.changed = false;
      uses.set(source.sourceId, source.encode());
    }
    const aliases = this.#aliases;
    this.#aliases = [];
    const { lines, nextId, templates: numbers } = this.#miner.numbers();
    const live = numbers.map(({ key, ...rest }) => ({ ...rest, templateId: key }));
    return { miner: { lines, nextId, live }, templates, aliases, uses, blocks };
  }

  /** The commit of a delta failed: it becomes part of the next one. */
  giveBack({ templates, aliases, uses, blocks }: TemplateCheckpoint): void {
    for (const row of templates) this.#returnedRows.set(row.templateId, row);
    this.#aliases = [...aliases, ...this.#aliases];
    for (const sourceId of uses.keys()) this.#known(sourceId).changed = true;
    for (const block of blocks) this.#returned.set(keyOf(block), block);
  }

  /**
   * Before anything else, on an empty book whose sources have been made.
   * @param isOpen whether a second of a source is not closed yet, and somebody waits for it
   */
  restore(state: RestoredTemplates, isOpen: (sourceId: string, second: number) => boolean): void {
    const { miner, templates, aliases, uses, openMinutes } = state;
    const rows = new Map(templates.map((row) => [row.templateId, row]));
    if (miner !== null) this.#restoreMiner(miner, rows);
    for (const { from, to } of aliases) this.#aliasOf.set(from, to);
    const recordOf = (id: string): TemplateRecord => {
      const to = this.resolve(id);
      const record = this.#record(to);
      const row = rows.get(to);
      if (row !== undefined && record.text === '')
        Object.assign(record, { text: row.text, examples: [...row.examples] });
      return record;
    };
    for (const from of this.#aliasOf.keys()) {
      const record = this.#byId.get(from);
      if (record !== undefined) record.into = recordOf(from);
    }
    for (const [sourceId, body] of uses) this.#known(sourceId).decode(body, recordOf);
    for (const { sourceId, start, body } of openMinutes) {
      const source = this.#known(sourceId);
      for (const [id, row] of TemplateBlock.decode(body).rows) {
        const record = recordOf(id);
        const first = source.uses.get(record)?.firstSecond;
        for (let i = 0; i < row.length; i += 2) {
          const second = start + row[i];
          if (isOpen(sourceId, second)) source.addOpen(record, second, row[i + 1], false, first === second);
        }
      }
    }
  }

  /** What is not stored yet of one level of a source's blocks. */
  pendingOf(sourceId: string, level: BlockLevel): readonly StartedBlock[] {
    const source = this.#bySource.get(sourceId);
    if (source === undefined) return [];
    const returned = [...this.#returned.values()]
      .filter((delta) => delta.sourceId === sourceId && delta.level === level)
      .map(({ start, body }) => ({ level, start, block: TemplateBlock.decode(body) }));
    return [...this.#blocksOf(source).filter((block) => block.level === level), ...returned];
  }

  /** The id of the template that a message is an example of; null while it has none. Nothing is counted. */
  templateOf(message: Uint8Array): string | null {
    const mined = this.#miner.find(message, 0, message.length);
    const record = mined === null ? undefined : this.#byMined.get(mined.id);
    return record === undefined ? null : current(record).id;
  }

  /** Every template that a source remembers or the miner has; merged ones not. */
  *records(): Iterable<TemplateRecord> {
    for (const record of this.#byId.values()) if (record.into === null) yield record;
  }

  /** One that a source remembers or the miner has, by any id that it goes by. */
  record(id: string): TemplateRecord | undefined {
    return this.#byId.get(this.resolve(id));
  }

  /** The id that a template goes by after the merges since, as far as they are remembered. */
  resolve(id: string): string {
    let at = id;
    for (let to = this.#aliasOf.get(at); to !== undefined; to = this.#aliasOf.get(at)) at = to;
    return at;
  }

  counts(): { readonly templates: number; readonly evicted: number } {
    return this.#miner.counts();
  }

  #restoreMiner({ lines, nextId, live }: MinerHead, rows: ReadonlyMap<string, TemplateRow>): void {
    const templates = live.flatMap(({ templateId, ...numbers }) => {
      const row = rows.get(templateId);
      if (row === undefined) return [];
      const { codes, texts, isGeneralised } = row;
      return [{ ...numbers, key: templateId, codes, texts, isGeneralised }];
    });
    this.#miner = TemplateMiner.restore(
      { version: MINER_STATE_VERSION, lines, nextId, templates, aliases: [] },
      this.#onMerge,
    );
    this.#miner.each((mined) => {
      const record = this.#recordOf(mined);
      record.examples = [...(rows.get(mined.key)?.examples ?? [])];
      record.isGeneralised = mined.isGeneralised;
      record.changed = false;
    });
    this.#overflow.changed = false;
  }

  #takeBlocks(): TemplateBlockDelta[] {
    for (const source of this.#sources) {
      if (source.pending.size === 0) continue;
      for (const { level, start, block } of this.#blocksOf(source)) {
        const place = { sourceId: source.sourceId, level, start };
        const returned = this.#returned.get(keyOf(place));
        if (returned !== undefined) block.merge(TemplateBlock.decode(returned.body));
        this.#returned.set(keyOf(place), { ...place, body: block.encode() });
      }
      source.pending = new Map();
    }
    const blocks = [...this.#returned.values()];
    this.#returned.clear();
    return blocks;
  }

  #takeRows(): TemplateRow[] {
    for (const record of this.#byId.values()) {
      const { mined } = record;
      if (mined !== null && mined.isGeneralised !== record.isGeneralised) {
        record.isGeneralised = mined.isGeneralised;
        record.changed = true;
      }
      if (!record.changed) continue;
      record.changed = false;
      this.#returnedRows.set(record.id, {
        templateId: record.id,
        text: record.text,
        codes: [...(mined?.codes ?? [])],
        texts: mined?.texts ?? [],
        isGeneralised: record.isGeneralised,
        examples: [...record.examples],
      });
    }
    const rows = [...this.#returnedRows.values()];
    this.#returnedRows.clear();
    return rows;
  }

  /** Lets go of records that neither the miner nor a source knows any more. Only while nothing is pending. */
  #forgetUnused(): void {
    for (const record of this.#byId.values()) {
      if (record.mined !== null && !this.#miner.has(record.mined.id)) {
        this.#byMined.delete(record.mined.id);
        record.mined = null;
      }
      if (record.mined !== null || record.sources.size > 0 || record === this.#overflow) continue;
      this.#byId.delete(record.id);
      this.#byNumber.delete(record.number);
    }
  }

  /** The source's pending events as blocks of all levels; the coarser ones are made from each minute's totals. */
  #blocksOf(source: SourceTemplates): (StartedBlock & { readonly level: BlockLevel })[] {
    const [minutes, ...coarser] = BLOCK_LEVELS.map(() => new Map<number, TemplateBlock>());
    for (const [minute, counts] of source.pending) {
      const block = new TemplateBlock();
      minutes.set(minute, block);
      const totals = new Map<string, number>();
      for (const [key, events] of counts) {
        const id = this.#idOf(Math.floor(key / MINUTE));
        block.add(id, key % MINUTE, events);
        totals.set(id, (totals.get(id) ?? 0) + events);
      }
      for (const [at, blocks] of coarser.entries()) {
        const { unit, span } = BLOCK_LEVELS[at + 1];
        const start = minute - (minute % span);
        let sums = blocks.get(start);
        if (sums === undefined) blocks.set(start, (sums = new TemplateBlock()));
        for (const [id, events] of totals) sums.add(id, Math.floor((minute - start) / unit), events);
      }
    }
    return [minutes, ...coarser].flatMap((blocks, at) =>
      Array.from(blocks, ([start, block]) => ({ level: BLOCK_LEVELS[at].level, start, block })),
    );
  }

  #idOf(number: number): string {
    const record = this.#byNumber.get(number);
    if (record === undefined) throw new Error(`template ${number} was forgotten while counts of it were pending`);
    return record.id;
  }

  /** A source that is full gives up what fell silent; not at every event. */
  #makesRoom(source: SourceTemplates, second: number): boolean {
    if (second - source.prunedSecond < PRUNE_EVERY_SECONDS) return false;
    source.prunedSecond = second;
    for (const [record, { lastSecond }] of source.uses) {
      if (lastSecond < second - SILENT_SECONDS) source.forget(record);
    }
    return source.uses.size < MAX_TEMPLATES_A_SOURCE;
  }

  /** One that was merged while it was being made has no lines and no record. */
  #merged(from: MinedTemplate, to: MinedTemplate): void {
    const record = this.#byMined.get(from.id);
    if (record === undefined) return;
    const target = current(this.#recordOf(to));
    if (target === record) return;
    for (const source of record.sources) source.rename(record, target);
    record.into = target;
    this.#alias(record.id, target.id);
    this.#aliases.push({ from: record.id, to: target.id });
  }

  #alias(from: string, to: string): void {
    this.#aliasOf.delete(from);
    // One that comes back under its own id is nobody's part any more: chains never close.
    if (this.resolve(to) === from) this.#aliasOf.delete(to);
    this.#aliasOf.set(from, to);
    if (this.#aliasOf.size > MAX_ALIASES) this.#aliasOf.delete(this.#aliasOf.keys().next().value!);
  }

  #recordOf(mined: MinedTemplate): TemplateRecord {
    const known = this.#byMined.get(mined.id);
    if (known !== undefined) return known;
    const record = this.#record(mined.key);
    record.mined = mined;
    record.text = templateText(mined.texts) || EMPTY_TEXT;
    record.isGeneralised = mined.isGeneralised;
    record.changed = true;
    this.#byMined.set(mined.id, record);
    return record;
  }

  #record(id: string): TemplateRecord {
    let record = this.#byId.get(id);
    if (record === undefined) {
      record = new TemplateRecord(id, this.#numbers++);
      this.#byId.set(id, record);
      this.#byNumber.set(record.number, record);
    }
    return record;
  }

  #known(sourceId: string): SourceTemplates {
    const source = this.#bySource.get(sourceId);
    if (source === undefined) throw new Error(`templates: source ${sourceId} is not one of the tally's sources`);
    return source;
  }
}

function keyOf({ sourceId, level, start }: Omit<TemplateBlockDelta, 'body'>): string {
  return `${level}/${start}/${sourceId}`;
}
