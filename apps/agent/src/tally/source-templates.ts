import { LEVELS } from '@sentinellog/shared';
import { pushId, pushVarint, VarintCursor } from '../pipeline/template-block.ts';
import type { TemplateRecord } from './template-record.ts';

const VERSION = 1;
/** Seconds that are pending together. */
export const MINUTE = 60;

/** How a source uses a template: events by level since the first. */
export interface TemplateUse {
  readonly levels: Float64Array;
  /** Unix seconds of event time. */
  firstSecond: number;
  lastSecond: number;
}

/** What one second of a source came to, by template: for detection. */
export interface SecondTemplates {
  readonly counts: ReadonlyMap<TemplateRecord, number>;
  /** Of those, the ones that were errors; of a second from before a restart it is not known. */
  readonly errors: ReadonlyMap<TemplateRecord, number>;
  /** Templates that this source had never used before. */
  readonly fresh: readonly TemplateRecord[];
}

interface OpenTemplates extends SecondTemplates {
  readonly counts: Map<TemplateRecord, number>;
  readonly errors: Map<TemplateRecord, number>;
  readonly fresh: TemplateRecord[];
}

/** The templates of one source. */
export class SourceTemplates {
  readonly sourceId: string;
  readonly service: string;
  readonly uses = new Map<TemplateRecord, TemplateUse>();
  /** Events since the last checkpoint: by minute, then by `record number × 60 + second`. */
  pending = new Map<number, Map<number, number>>();
  /** Seconds that are not closed; kept only where somebody listens. */
  readonly open = new Map<number, OpenTemplates>();
  /** The second up to which templates that fell silent have been given up. */
  prunedSecond = 0;
  /** `uses` changed since the last checkpoint. */
  changed = false;

  constructor(sourceId: string, service: string) {
    this.sourceId = sourceId;
    this.service = service;
  }

  use(record: TemplateRecord, second: number): TemplateUse {
    let use = this.uses.get(record);
    if (use === undefined) {
      use = { levels: new Float64Array(LEVELS.length), firstSecond: second, lastSecond: second };
      this.uses.set(record, use);
      record.sources.add(this);
    }
    return use;
  }

  /** What was used as `from` has been `to` all the time. */
  rename(from: TemplateRecord, to: TemplateRecord): void {
    const old = this.uses.get(from);
    if (old === undefined) return;
    this.forget(from);
    const use = this.use(to, old.firstSecond);
    for (let level = 0; level < LEVELS.length; level++) use.levels[level] += old.levels[level];
    use.firstSecond = Math.min(use.firstSecond, old.firstSecond);
    use.lastSecond = Math.max(use.lastSecond, old.lastSecond);
    this.changed = true;
    for (const { counts, errors, fresh } of this.open.values()) {
      for (const each of [counts, errors]) {
        const events = each.get(from);
        if (events === undefined) continue;
        each.delete(from);
        each.set(to, (each.get(to) ?? 0) + events);
      }
      const at = fresh.indexOf(from);
      if (at >= 0) fresh.splice(at, 1, ...(fresh.includes(to) ? [] : [to]));
    }
  }

  forget(record: TemplateRecord): void {
    this.uses.delete(record);
    record.sources.delete(this);
  }

  addPending(record: TemplateRecord, second: number, events: number): void {
    const slot = second % MINUTE;
    let minute = this.pending.get(second - slot);
    if (minute === undefined) this.pending.set(second - slot, (minute = new Map()));
    const key = record.number * MINUTE + slot;
    minute.set(key, (minute.get(key) ?? 0) + events);
  }

  addOpen(record: TemplateRecord, second: number, events: number, isError: boolean, isFresh: boolean): void {
    let open = this.open.get(second);
    if (open === undefined) this.open.set(second, (open = { counts: new Map(), errors: new Map(), fresh: [] }));
    open.counts.set(record, (open.counts.get(record) ?? 0) + events);
    if (isError) open.errors.set(record, (open.errors.get(record) ?? 0) + events);
    if (isFresh) open.fresh.push(record);
  }

  /** `uses` for the store: version, pruned second, then per template id, first and last second, and events by level. */
  encode(): Uint8Array {
    const out: number[] = [VERSION];
    pushVarint(out, this.prunedSecond);
    for (const [record, { levels, firstSecond, lastSecond }] of this.uses) {
      pushId(out, record.id);
      pushVarint(out, firstSecond);
      pushVarint(out, lastSecond - firstSecond);
      for (const events of levels) pushVarint(out, events);
    }
    return Uint8Array.from(out);
  }

  /** Reads what `encode` has written. */
  decode(bytes: Uint8Array, recordOf: (id: string) => TemplateRecord): void {
    const cursor = new VarintCursor(bytes);
    if (cursor.byte() !== VERSION) throw new Error('the templates of a source are of a newer version than this agent');
    this.prunedSecond = cursor.varint();
    while (!cursor.isAtEnd) {
      const record = recordOf(cursor.id());
      const first = cursor.varint();
      // Two ids may have become one record since.
      const use = this.use(record, first);
      use.firstSecond = Math.min(use.firstSecond, first);
      use.lastSecond = Math.max(use.lastSecond, first + cursor.varint());
      for (let level = 0; level < LEVELS.length; level++) use.levels[level] += cursor.varint();
    }
  }
}
