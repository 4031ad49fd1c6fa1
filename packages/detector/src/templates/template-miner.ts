import { Families } from './families.ts';
import { LineKey } from './line-key.ts';
import { LineScan } from './line-scan.ts';
import { Places } from './places.ts';
import { ShapeCache } from './shape-cache.ts';
import { type Template, templateKey, templateText, tokenTexts, withVariables } from './template.ts';
import { type Evidence, SHIPPED_EVIDENCE } from './variable-evidence.ts';

/** More than systems have (the largest in the literature: 1,241). An eviction leaves three quarters of them. */
const MAX_TEMPLATES = 8192;
/** Slots are given back at evictions only; the ones of merged templates wait until then. */
const MAX_SLOTS = 2 * MAX_TEMPLATES;
/** Half of them are filled: 32 k names of lines and as many shapes, 1.7 MB together. */
const SHAPE_SLOTS = 1 << 16;
/** Merged ids that `resolve` follows; older ones are forgotten first. */
const MAX_ALIASES = 65_536;
export const MINER_STATE_VERSION = 2;

/** One template as others see it. */
export interface TemplateView {
  readonly id: number;
  /** The same in every process that knows this template. */
  readonly key: string;
  /** `Failed password for <*> from <*> port <*>` */
  readonly text: string;
  /** Lines seen. */
  readonly hits: number;
}

/** What a miner says of a line: the template's numbers and, for whoever keeps them, its name in every process. */
export type MinedTemplate = Pick<Template, 'id' | 'key' | 'texts' | 'codes' | 'isGeneralised'>;

/** All that a miner knows: plain data, fit for JSON. */
export interface MinerState {
  readonly version: number;
  readonly lines: number;
  readonly nextId: number;
  readonly templates: readonly {
    readonly id: number;
    readonly key: string;
    readonly codes: readonly number[];
    readonly texts: readonly string[];
    readonly isGeneralised: boolean;
    readonly hits: number;
    readonly weight: number;
    readonly lastLine: number;
  }[];
  /** Merged ids, oldest first: [from, to]. */
  readonly aliases: readonly (readonly [number, number])[];
}

export type TemplateNumbers = Pick<Template, 'id' | 'key' | 'hits' | 'weight' | 'lastLine'>;

/** Told of every merge: lines that were given `from` belong to `to`. */
export type MergeListener = (from: MinedTemplate, to: MinedTemplate) => void;

/**
 * Groups log lines by the code that wrote them, line by line as they come, with one setting for every system.
 * A line's shape (its words, with whatever looks like a value left out) is looked up in a cache; only shapes never
 * seen cost more. Bounded in memory; same lines in the same order, same ids.
 */
export class TemplateMiner {
  readonly #key = new LineKey();
  readonly #scan = new LineScan();
  /** From lines' names (LineKey), which most lines stop at, and from their shapes (LineScan), both to a slot. */
  readonly #names = new ShapeCache(SHAPE_SLOTS);
  readonly #shapes = new ShapeCache(SHAPE_SLOTS);
  readonly #families = new Families();
  readonly #places: Places;
  readonly #live = new Map<number, Template>();
  readonly #byKey = new Map<string, Template>();
  readonly #aliases = new Map<number, number>();
  readonly #onMerge: MergeListener;
  /** What the shape cache's numbers stand for. */
  #slots: Template[] = [];
  #lines = 0;
  #nextId = 0;
  #evicted = 0;

  constructor(onMerge: MergeListener = () => undefined, evidence: Evidence = SHIPPED_EVIDENCE) {
    this.#places = new Places(evidence);
    this.#onMerge = onMerge;
  }

  /** A miner that goes on where the one that wrote `state` was; throws if the state is of another version. */
  static restore(state: MinerState, onMerge?: MergeListener): TemplateMiner {
    checkVersion(state);
    const miner = new TemplateMiner(onMerge);
    miner.#lines = state.lines;
    miner.#nextId = state.nextId;
    for (const saved of state.templates) {
      miner.#keep({ ...saved, codes: Int32Array.from(saved.codes), into: null, slot: miner.#slots.length });
    }
    for (const [from, to] of state.aliases) miner.#aliases.set(from, to);
    return miner;
  }

  /** The id of the template of the line (UTF-8, no newline at its end) in bytes `start` (inclusive) to `end` (exclusive). */
  push(bytes: Uint8Array, start: number, end: number): number {
    const key = this.#key;
    key.read(bytes, start, end);
    return this.count(key.low, key.high, bytes, key.start, key.limit, 1).id;
  }

  /**
   * Counts `lines` lines of one name and answers their template. `push` for whoever has read the name already.
   * @param low with `high`, what LineKey made of the message
   * @param start LineKey's `start` and `end` its `limit`, of any line of that name
   */
  count(low: number, high: number, bytes: Uint8Array, start: number, end: number, lines: number): MinedTemplate {
    const template = this.#known(low, high, bytes, start, end) ?? this.#meet(low, high, bytes);
    return this.#hit(template, lines);
  }

  /** As `count`, but only of templates there are: null, and nothing counted, where it would take a new one. */
  countKnown(
    low: number,
    high: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    lines: number,
  ): MinedTemplate | null {
    const known = this.#known(low, high, bytes, start, end);
    const scan = this.#scan;
    const template = known ?? this.#families.find(scan.codes.subarray(0, scan.length));
    return template === undefined ? null : this.#hit(template, lines);
  }

  /** The template of a line, as `push` reads it, if there is one; nothing is counted, learnt or remembered. */
  find(bytes: Uint8Array, start: number, end: number): MinedTemplate | null {
    const key = this.#key;
    key.read(bytes, start, end);
    const slot = this.#names.find(key.low, key.high);
    if (slot >= 0) return current(this.#slots[slot]);
    const scan = this.#scan;
    scan.scan(bytes, key.start, key.limit);
    const shape = this.#shapes.find(scan.low, scan.high);
    if (shape >= 0) return current(this.#slots[shape]);
    return this.#families.find(scan.codes.subarray(0, scan.length)) ?? null;
  }

  /** The id that `id` goes by now, after the merges since. */
  resolve(id: number): number {
    let at = id;
    for (let to = this.#aliases.get(at); to !== undefined; to = this.#aliases.get(at)) at = to;
    return at;
  }

  /** The template of an id, also of a merged one; undefined if it was evicted. */
  view(id: number): TemplateView | undefined {
    const template = this.#live.get(this.resolve(id));
    return template && { id: template.id, key: template.key, text: templateText(template.texts), hits: template.hits };
  }

  /** Templates kept, and templates evicted to stay within bounds. */
  counts(): { readonly templates: number; readonly evicted: number } {
    return { templates: this.#live.size, evicted: this.#evicted };
  }

  /** Whether a template is in memory: neither merged nor evicted. */
  has(id: number): boolean {
    return this.#live.has(id);
  }

  /** Every template in memory. */
  each(fn: (template: MinedTemplate) => void): void {
    for (const template of this.#live.values()) fn(template);
  }

  /** The part of the snapshot that changes with every line, for whoever has stored the rest. */
  numbers(): Pick<MinerState, 'lines' | 'nextId'> & { readonly templates: readonly TemplateNumbers[] } {
    const templates = Array.from(this.#live.values(), ({ id, key, hits, weight, lastLine }) => {
      return { id, key, hits, weight, lastLine };
    });
    return { lines: this.#lines, nextId: this.#nextId, templates };
  }

  snapshot(): MinerState {
    const templates = Array.from(this.#live.values(), ({ into: _into, slot: _slot, codes, ...template }) => ({
      ...template,
      codes: [...codes],
    }));
    return {
      version: MINER_STATE_VERSION,
      lines: this.#lines,
      nextId: this.#nextId,
      templates,
      aliases: [...this.#aliases],
    };
  }

  /**
   * Takes in what another miner knows: templates become the union of both, hits add up, and a template with a found
   * variable takes in what fits it. The order in which miners are merged does not matter to texts, keys and hits
   * (within bounds). Answers which id here each of the other's ids has become.
   */
  merge(state: MinerState): ReadonlyMap<number, number> {
    checkVersion(state);
    const ids = new Map<number, number>();
    for (const other of state.templates) {
      if (this.#isFull()) this.#evict();
      const codes = Int32Array.from(other.codes);
      const template = this.#families.find(codes) ?? this.#create(codes, other.texts, other.isGeneralised);
      template.hits += other.hits;
      template.weight += other.weight;
      if (other.isGeneralised) this.#families.widen(template);
      if (template.isGeneralised) this.#absorb(template);
      ids.set(other.id, template.id);
    }
    for (const [theirs, ours] of ids) ids.set(theirs, this.resolve(ours));
    return ids;
  }

  #hit(template: Template, lines: number): Template {
    this.#lines += lines;
    template.hits += lines;
    template.weight += lines;
    template.lastLine = this.#lines;
    return template;
  }

  /** By name, else by shape, which is in `#scan` afterwards. */
  #known(low: number, high: number, bytes: Uint8Array, start: number, end: number): Template | undefined {
    const slot = this.#names.find(low, high);
    if (slot >= 0) return current(this.#slots[slot]);
    const scan = this.#scan;
    scan.scan(bytes, start, end);
    const shape = this.#shapes.find(scan.low, scan.high);
    if (shape < 0) return undefined;
    const template = current(this.#slots[shape]);
    this.#names.set(low, high, template.slot);
    return template;
  }

  /** The shape in `#scan`, never seen or forgotten: an existing template that fits, or a new one. */
  #meet(low: number, high: number, bytes: Uint8Array): Template {
    const scan = this.#scan;
    if (this.#isFull()) this.#evict();
    const codes = scan.codes.slice(0, scan.length);
    let template = this.#families.find(codes);
    if (!template) {
      const texts = tokenTexts(scan, bytes);
      const common = this.#families.commonWithKin(codes);
      template = common ? this.#generalise(common, texts) : this.#settle(this.#create(codes, texts, false));
    }
    this.#shapes.set(scan.low, scan.high, template.slot);
    this.#names.set(low, high, template.slot);
    return template;
  }

  /** A new template may show that a place is a variable; then all that differ there become one. */
  #settle(template: Template): Template {
    const place = this.#places.enter(template);
    if (place < 0) return template;
    return this.#generalise(template.codes.with(place, 0), template.texts);
  }

  #generalise(codes: Int32Array, texts: readonly string[]): Template {
    const known = this.#families.find(codes);
    if (known) {
      this.#families.widen(known);
      this.#absorb(known);
      return known;
    }
    const template = this.#create(codes, withVariables(texts, codes), true);
    this.#absorb(template);
    return this.#settle(template);
  }

  #absorb(template: Template): void {
    for (const other of this.#families.within(template.codes)) {
      if (other === template) continue;
      this.#drop(other);
      other.into = template;
      template.hits += other.hits;
      template.weight += other.weight;
      this.#aliases.set(other.id, template.id);
      if (this.#aliases.size > MAX_ALIASES) this.#aliases.delete(this.#aliases.keys().next().value!);
      this.#onMerge(other, template);
    }
  }

  #create(codes: Int32Array, texts: readonly string[], isGeneralised: boolean): Template {
    const lastLine = this.#lines;
    const slot = this.#slots.length;
    const id = this.#nextId++;
    const key = this.#keyOf(codes);
    const numbers = { id, hits: 0, weight: 0, lastLine, into: null, slot };
    const template: Template = { ...numbers, key, codes, texts, isGeneralised };
    this.#byKey.set(key, template);
    this.#slots.push(template);
    this.#live.set(id, template);
    this.#families.add(template);
    return template;
  }

  /** Two templates of one hash are told apart by who came first. */
  #keyOf(codes: Int32Array): string {
    let key = templateKey(codes, 0);
    for (let salt = 1; this.#byKey.has(key); salt++) key = templateKey(codes, salt);
    return key;
  }

  #drop(template: Template): void {
    this.#live.delete(template.id);
    this.#byKey.delete(template.key);
    this.#families.remove(template);
    this.#places.leave(template);
  }

  #isFull(): boolean {
    return this.#live.size >= MAX_TEMPLATES || this.#slots.length >= MAX_SLOTS;
  }

  /** Keeps what is seen most, by counts that age, and of equals what was seen last. */
  #evict(): void {
    const most = (MAX_TEMPLATES * 3) / 4;
    const ranked = [...this.#live.values()].toSorted((a, b) => b.weight - a.weight || b.lastLine - a.lastLine);
    const before = this.#slots;
    for (const template of before) template.slot = -1;
    for (const template of ranked.slice(most)) this.#drop(template);
    this.#evicted += Math.max(0, ranked.length - most);
    this.#slots = [...this.#live.values()];
    for (const [slot, template] of this.#slots.entries()) {
      template.weight /= 2;
      template.slot = slot;
    }
    const renumbered = (slot: number): number => {
      let template = before[slot];
      while (template.into !== null) template = template.into;
      return template.slot;
    };
    this.#names.renumber(renumbered);
    this.#shapes.renumber(renumbered);
  }

  /** Puts a template where it was before a restart. */
  #keep(template: Template): void {
    this.#slots.push(template);
    this.#live.set(template.id, template);
    this.#byKey.set(template.key, template);
    this.#families.add(template);
    this.#places.enter(template);
  }
}

/** What a template has been merged into by now. */
function current(template: Template): Template {
  let at = template;
  while (at.into !== null) at = at.into;
  return at;
}

function checkVersion({ version }: MinerState): void {
  if (version !== MINER_STATE_VERSION) {
    throw new Error(`template state has version ${version}, this is ${MINER_STATE_VERSION}: mine the templates anew`);
  }
}
