import { LEVELS, type Level, type SampleLine } from '@sentinellog/shared';
import { type KnownTemplate, TemplateMatcher } from './template-matcher.ts';

/** A line of the journal with the source it was counted for. */
export interface RangeLine extends SampleLine {
  readonly source_id: string;
}

/** What was read of one template. */
interface Seen {
  lines: number;
  readonly samples: SampleLine[];
  readonly levels: Map<Level, number>;
  /** By varying part: value → lines. */
  readonly values: Map<string, number>[];
}

const MAX_SAMPLES = 5;
/** Varying parts of which values are counted, and values told apart in each; what comes later than so many is rare. */
const MAX_POSITIONS = 8;
const MAX_VALUES = 1000;
const MAX_VALUE_CHARACTERS = 120;
const SHOWN_VALUES = 5;

/** What lines of a range say of the templates that were counted in it. */
export class LineTally {
  readonly #matchers: ReadonlyMap<string, TemplateMatcher>;
  readonly #seen = new Map<string, Seen>();
  /** Lines whose template was not found by their text. */
  unmatched = 0;
  lines = 0;

  /** @param templates of each source: a line can only be of one of its own source's */
  constructor(templates: ReadonlyMap<string, readonly KnownTemplate[]>) {
    this.#matchers = new Map(Array.from(templates, ([sourceId, known]) => [sourceId, new TemplateMatcher(known)]));
  }

  add({ source_id, ...line }: RangeLine): void {
    this.lines++;
    const match = this.#matchers.get(source_id)?.match(line.message);
    if (match === null || match === undefined) {
      this.unmatched++;
      return;
    }
    let seen = this.#seen.get(match.templateId);
    if (seen === undefined)
      this.#seen.set(match.templateId, (seen = { lines: 0, samples: [], levels: new Map(), values: [] }));
    seen.lines++;
    if (seen.samples.length < MAX_SAMPLES) seen.samples.push(line);
    const level = LEVELS.find((one) => one === line.level) ?? 'other';
    seen.levels.set(level, (seen.levels.get(level) ?? 0) + 1);
    for (const [position, value] of match.values.slice(0, MAX_POSITIONS).entries()) {
      const counts = (seen.values[position] ??= new Map<string, number>());
      const key = value.slice(0, MAX_VALUE_CHARACTERS);
      if (counts.has(key) || counts.size < MAX_VALUES) counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }

  linesOf(templateId: string): number {
    return this.#seen.get(templateId)?.lines ?? 0;
  }

  samplesOf(templateId: string): readonly SampleLine[] {
    return this.#seen.get(templateId)?.samples ?? [];
  }

  levelsOf(templateId: string): ReadonlyMap<Level, number> {
    return this.#seen.get(templateId)?.levels ?? new Map();
  }

  /** Commonest first; parts in which every line has another value say nothing and are left out. */
  variablesOf(templateId: string): { position: number; values: { value: string; count: number }[] }[] {
    const { lines, values } = this.#seen.get(templateId) ?? { lines: 0, values: [] };
    return values.flatMap((counts, position) => {
      const sorted = Array.from(counts, ([value, count]) => ({ value, count })).toSorted(
        (a, b) => b.count - a.count || (a.value < b.value ? -1 : 1),
      );
      return lines > 2 && sorted[0]?.count === 1 ? [] : [{ position, values: sorted.slice(0, SHOWN_VALUES) }];
    });
  }
}
