import { LEVELS, RequestError, type Template, type TemplatePatch } from '@sentinellog/shared';
import type { TemplateQuery } from './api/templates.ts';
import type { Caller } from './pipeline/caller.ts';
import type { TemplateMark, TemplateMarks } from './store/templates.ts';
import { OVERFLOW_TEMPLATE, type TemplateBook } from './tally/template-book.ts';
import type { TemplateRecord } from './tally/template-record.ts';

interface DirectoryParts {
  readonly book: Pick<TemplateBook, 'records' | 'resolve'>;
  readonly saveMark: (mark: TemplateMark, actor: Caller) => Promise<boolean>;
  readonly saveMerge: (from: readonly string[], to: string | null, actor: Caller) => Promise<void>;
  /** The cluster that a template belongs to. */
  readonly clusterOf: (templateId: string) => string;
}

/** A name may lead on to another so often; longer chains are circles that people and the miner made together. */
const MOST_HOPS = 100;

/** Of a template that some source used more than a year ago, and nobody since. */
const FORGOTTEN = '(no longer known)';

/** Templates as people see them: what was counted, what was named, what was merged by hand. From memory. */
export class TemplateDirectory {
  readonly #parts: DirectoryParts;
  readonly #marks: Map<string, TemplateMark>;
  readonly #merges: Map<string, string>;

  constructor(parts: DirectoryParts, { marks, merges }: TemplateMarks) {
    this.#parts = parts;
    this.#marks = new Map(marks.map((mark) => [mark.templateId, mark]));
    this.#merges = new Map(merges.map(({ from, to }) => [from, to]));
  }

  /** The template that an id stands for now, after merges by the miner and by hand. */
  resolve(templateId: string): string {
    let id = this.#parts.book.resolve(templateId);
    for (let hops = 0; hops < MOST_HOPS; hops++) {
      const to = this.#merges.get(id);
      if (to === undefined) return id;
      id = this.#parts.book.resolve(to);
    }
    return id;
  }

  list({ sourceIds, cluster, text, order, limit }: TemplateQuery): { templates: Template[]; total: number } {
    const wanted = sourceIds === undefined ? undefined : new Set(sourceIds);
    const words = text?.toLowerCase().split(/\s+/).filter(Boolean) ?? [];
    const templates: Template[] = [];
    for (const [id, records] of this.#groups()) {
      const template = this.#describe(id, records, wanted);
      if (template.count === 0 || (cluster !== undefined && template.cluster_id !== cluster)) continue;
      const searched = `${template.text} ${template.name ?? ''}`.toLowerCase();
      if (words.every((word) => searched.includes(word))) templates.push(template);
    }
    const rank: Record<typeof order, (one: Template, other: Template) => number> = {
      count: (one, other) => other.count - one.count,
      rarest: (one, other) => one.count - other.count,
      newest: (one, other) => other.first_seen_ms - one.first_seen_ms,
    };
    const byRank = rank[order];
    templates.sort((one, other) => byRank(one, other) || (one.template_id < other.template_id ? -1 : 1));
    return { templates: templates.slice(0, limit), total: templates.length };
  }

  /** Also by the id of one that was merged; null when nothing is known of it. */
  one(templateId: string): Template | null {
    const id = this.resolve(templateId);
    const records = this.#groups().get(id);
    return records === undefined ? null : this.#describe(id, records, undefined);
  }

  /** Those of them that are known, by their present id: one look through all templates, however many are asked for. */
  some(templateIds: Iterable<string>): Map<string, Template> {
    const wanted = new Set(Array.from(templateIds, (id) => this.resolve(id)));
    const found = new Map<string, Template>();
    for (const [id, records] of this.#groups()) {
      if (wanted.has(id)) found.set(id, this.#describe(id, records, undefined));
    }
    return found;
  }

  /** Every template with what it says, after merges by hand, in the order in which they were found. */
  *texts(): Iterable<{ readonly id: string; readonly text: string }> {
    for (const record of this.#parts.book.records()) {
      if (this.resolve(record.id) === record.id) yield { id: record.id, text: record.text || FORGOTTEN };
    }
  }

  /** Null when there is no such template. RequestError `invalid_request` where a merge or split cannot be. */
  async patch(templateId: string, patch: TemplatePatch, actor: Caller): Promise<Template | null> {
    const id = this.resolve(templateId);
    if (!this.#groups().has(id)) return null;
    const { name, pinned, merge = [], split = [] } = patch;
    await this.#merge(id, merge, actor);
    await this.#split(id, split, actor);
    if (name !== undefined || pinned !== undefined) {
      const before = this.#marks.get(id) ?? { templateId: id, name: null, pinned: false };
      const mark = { templateId: id, name: name === undefined ? before.name : name, pinned: pinned ?? before.pinned };
      if (!(await this.#parts.saveMark(mark, actor))) {
        throw new RequestError('storage_unavailable', 'the template is not stored yet; try again in a few seconds');
      }
      this.#marks.set(id, mark);
    }
    return this.one(id);
  }

  async #merge(to: string, from: readonly string[], actor: Caller): Promise<void> {
    const groups = this.#groups();
    for (const id of from) {
      if (id === OVERFLOW_TEMPLATE || to === OVERFLOW_TEMPLATE) {
        throw new RequestError('invalid_request', 'what is beyond the limit of a source is no template to merge');
      }
      if (this.resolve(id) === to) throw new RequestError('invalid_request', 'body.merge names a part of the template');
      if (!groups.has(this.resolve(id))) throw new RequestError('not_found', 'body.merge names an unknown template');
    }
    if (from.length === 0) return;
    const ids = from.map((id) => this.resolve(id));
    await this.#parts.saveMerge(ids, to, actor);
    for (const id of ids) this.#merges.set(id, to);
  }

  async #split(from: string, ids: readonly string[], actor: Caller): Promise<void> {
    if (ids.some((id) => !this.#merges.has(id) || this.resolve(id) !== from)) {
      throw new RequestError(
        'invalid_request',
        'body.split must name templates that were merged into this one by hand; what the miner merged cannot be told apart any more',
      );
    }
    if (ids.length === 0) return;
    await this.#parts.saveMerge(ids, null, actor);
    for (const id of ids) this.#merges.delete(id);
  }

  #groups(): Map<string, TemplateRecord[]> {
    return Map.groupBy(this.#parts.book.records(), ({ id }) => this.resolve(id));
  }

  /** @param wanted sources whose events are counted; all when undefined */
  #describe(id: string, records: readonly TemplateRecord[], wanted: ReadonlySet<string> | undefined): Template {
    const main = records.find((record) => record.id === id) ?? records[0];
    const levels = LEVELS.map(() => 0);
    const services = new Map<string, Template['services'][number]>();
    let first = Number.POSITIVE_INFINITY;
    let last = 0;
    for (const record of records) {
      for (const source of record.sources) {
        const use = source.uses.get(record);
        if (use === undefined || wanted?.has(source.sourceId) === false) continue;
        let events = 0;
        for (const [level, count] of use.levels.entries()) {
          levels[level] += count;
          events += count;
        }
        const before = services.get(source.sourceId)?.count ?? 0;
        services.set(source.sourceId, {
          source_id: source.sourceId,
          service: source.service,
          count: before + events,
        });
        first = Math.min(first, use.firstSecond);
        last = Math.max(last, use.lastSecond);
      }
    }
    const mark = this.#marks.get(id);
    return {
      template_id: id,
      text: main.text || FORGOTTEN,
      name: mark?.name ?? null,
      pinned: mark?.pinned ?? false,
      cluster_id: this.#parts.clusterOf(id),
      first_seen_ms: last === 0 ? 0 : first * 1000,
      last_seen_ms: last * 1000,
      count: levels.reduce((sum, count) => sum + count, 0),
      levels: Object.fromEntries(LEVELS.map((level, at) => [level, levels[at]])) as Template['levels'],
      services: [...services.values()].toSorted((one, other) => other.count - one.count),
      examples: records.flatMap(({ examples }) => examples).slice(0, 5),
    };
  }
}
