import { HeaderReader } from './header.ts';
import { LineScan, VARIABLE } from './line-scan.ts';
import { ShapeCache } from './shape-cache.ts';
import { type Template, templateKey, templateText, tokenTexts, VARIABLE_TEXT } from './template.ts';
import { askedOf, isWord, valueWeight } from './variable-evidence.ts';

/** More than systems have; an eviction brings them down to three quarters. */
const MAX_TEMPLATES = 8192;
const SHAPE_SLOTS = 1 << 16;
/** Merged ids that `resolve` still follows. */
const MAX_ALIASES = 65_536;
/** Places of a template that are watched for being variables. */
const MAX_PLACES = 24;
/** Templates of one skeleton that are compared with each new message. */
const MAX_COMPARED = 64;

/** A place in otherwise equal messages, and the templates that differ in nothing but its word. */
interface Place {
  readonly members: Template[];
  weight: number;
}

/** Templates with the same punctuation and the same number of words. */
interface Family {
  readonly templates: Template[];
  readonly generalised: Template[];
}

/** Groups log lines by the code that wrote them. Streaming, bounded, one setting for every system. */
export class TemplateMiner {
  readonly #header = new HeaderReader();
  readonly #scan = new LineScan();
  readonly #shapes = new ShapeCache(SHAPE_SLOTS);
  /** By the number that the shape cache keeps. */
  #byShape: Template[] = [];
  readonly #live = new Map<number, Template>();
  readonly #families = new Map<number, Family>();
  readonly #places = new Map<number, Place>();
  readonly #aliases = new Map<number, number>();
  #lines = 0;
  #nextId = 0;

  /** The id of the template of the line in bytes `start` (inclusive) to `end` (exclusive). */
  push(bytes: Uint8Array, start: number, end: number): number {
    const scan = this.#scan;
    scan.scan(bytes, this.#header.messageStart(bytes, start, end), end);
    this.#lines++;
    const shape = this.#shapes.find(scan.low, scan.high);
    let template: Template;
    if (shape < 0) template = this.#meet(bytes);
    else {
      template = this.#byShape[shape]!;
      while (template.into !== null) template = template.into;
    }
    template.hits++;
    template.weight++;
    template.lastLine = this.#lines;
    return template.id;
  }

  /** The id that `id` goes by now, after the merges since. */
  resolve(id: number): number {
    let at = id;
    for (let to = this.#aliases.get(at); to !== undefined; to = this.#aliases.get(at)) at = to;
    return at;
  }

  describe(id: number): string | undefined {
    const template = this.#live.get(this.resolve(id));
    return template && templateText(template);
  }

  get size(): number {
    return this.#live.size;
  }

  /** A shape never seen, or forgotten: an existing template that fits, or a new one. */
  #meet(bytes: Uint8Array): Template {
    const scan = this.#scan;
    const codes = scan.codes.slice(0, scan.length);
    const family = this.#familyOf(codes);
    const found =
      family.templates.find((template) => isSame(template.codes, codes)) ??
      family.generalised.find((template) => fits(template.codes, codes)) ??
      this.#add(codes, tokenTexts(scan, bytes), false);
    const template = this.#settle(found);
    this.#shapes.add(scan.low, scan.high, this.#byShape.push(template) - 1);
    return template;
  }

  #add(codes: Int32Array, texts: readonly string[], isGeneralised: boolean): Template {
    const template: Template = {
      id: this.#nextId++,
      codes,
      texts,
      isGeneralised,
      hits: 0,
      weight: 0,
      lastLine: this.#lines,
      into: null,
    };
    this.#live.set(template.id, template);
    const family = this.#familyOf(codes);
    family.templates.push(template);
    if (isGeneralised) family.generalised.push(template);
    return template;
  }

  /** Enters a new template at its places; if that makes one of them a variable, merges. */
  #settle(template: Template): Template {
    if (template.lastLine !== this.#lines || template.hits > 0) return template;
    const { codes, texts } = template;
    let best = -1;
    let bestRatio = 1;
    let bestPlace: Place | undefined;
    const total = sumOf(codes);
    let places = 0;
    for (let i = 0; i < codes.length && places < MAX_PLACES; i++) {
      const code = codes[i]!;
      if (code !== VARIABLE && !isWord(code)) continue;
      places++;
      const key = total - mixAt(code, i) + mixAt(7, i);
      let place = this.#places.get(key);
      if (!place) this.#places.set(key, (place = { members: [], weight: 0 }));
      place.members.push(template);
      place.weight += valueWeight(code, texts[i]!);
      if (place.members.length < 2) continue;
      const ratio = place.weight / askedOf(codes, i);
      if (ratio >= bestRatio) {
        best = i;
        bestRatio = ratio;
        bestPlace = place;
      }
    }
    if (!bestPlace) return template;
    return this.#generalise(template, best);
  }

  #generalise(template: Template, place: number): Template {
    const codes = template.codes.slice();
    codes[place] = VARIABLE;
    const texts = template.texts.with(place, (template.texts[place]!.startsWith(' ') ? ' ' : '') + VARIABLE_TEXT);
    const family = this.#familyOf(codes);
    const members = family.templates.filter((member) => fits(codes, member.codes));
    const merged = this.#add(codes, texts, true);
    for (const member of members) this.#merge(member, merged);
    return this.#settle(merged);
  }

  #merge(from: Template, to: Template): void {
    from.into = to;
    to.hits += from.hits;
    to.weight += from.weight;
    this.#live.delete(from.id);
    this.#aliases.set(from.id, to.id);
    const family = this.#familyOf(from.codes);
    remove(family.templates, from);
    remove(family.generalised, from);
    const total = sumOf(from.codes);
    for (let i = 0; i < from.codes.length; i++) {
      const place = this.#places.get(total - mixAt(from.codes[i]!, i) + mixAt(7, i));
      if (!place || !remove(place.members, from)) continue;
      place.weight -= valueWeight(from.codes[i]!, from.texts[i]!);
    }
  }

  #familyOf(codes: Int32Array): Family {
    let key = codes.length;
    for (const code of codes) key = (Math.imul(key, 31) + (code === VARIABLE || isWord(code) ? 1 : code)) | 0;
    let family = this.#families.get(key);
    if (!family) this.#families.set(key, (family = { templates: [], generalised: [] }));
    return family;
  }
}

function isSame(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((code, i) => code === b[i]);
}

/** Whether a message with `codes` is one of the template's: equal but for words at its variables. */
function fits(template: Int32Array, codes: Int32Array): boolean {
  if (template.length !== codes.length) return false;
  for (let i = 0; i < template.length; i++) {
    const code = template[i]!;
    if (code !== codes[i] && !(code === VARIABLE && isWord(codes[i]!))) return false;
  }
  return true;
}

function remove<T>(list: T[], item: T): boolean {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
  return at >= 0;
}

/** Sums of these name a set of tokens at their places; sums stay exact (96 tokens of 45 bits). */
function mixAt(code: number, at: number): number {
  let low = Math.imul(code ^ (at * 0x9e3779b1), 0x85ebca6b);
  low ^= low >>> 13;
  low = Math.imul(low, 0xc2b2ae35);
  low ^= low >>> 16;
  const high = Math.imul(code + at * 7, 0x27d4eb2f) >>> 19;
  return high * 4_294_967_296 + (low >>> 0);
}

function sumOf(codes: Int32Array): number {
  let sum = codes.length;
  for (let i = 0; i < codes.length; i++) sum += mixAt(codes[i]!, i);
  return sum;
}
void MAX_TEMPLATES; void MAX_ALIASES; void MAX_COMPARED; void templateKey;
