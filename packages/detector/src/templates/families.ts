import { VARIABLE } from './line-scan.ts';
import type { Template } from './template.ts';
import { sumOf } from './token-sum.ts';
import { isWord } from './variable-evidence.ts';

/** Templates with the same punctuation and as many words: only these can become one. */
interface Family {
  readonly all: Template[];
  readonly generalised: Template[];
}

/** Of a family that grew large, so many are compared word by word with a new message. */
const COMPARED = 64;
/** And so much of the words must be equal for the two to become one. */
const EQUAL_SHARE = 0.6;
const EQUAL_WORDS = 3;

/** Finds templates by their tokens. */
export class Families {
  readonly #families = new Map<number, Family>();
  readonly #bySum = new Map<number, Template>();

  add(template: Template): void {
    const key = skeletonOf(template.codes);
    let family = this.#families.get(key);
    if (!family) this.#families.set(key, (family = { all: [], generalised: [] }));
    family.all.push(template);
    if (template.isGeneralised) family.generalised.push(template);
    this.#bySum.set(sumOf(template.codes), template);
  }

  /** From now on also words match at the template's variables. */
  widen(template: Template): void {
    if (template.isGeneralised) return;
    template.isGeneralised = true;
    this.#families.get(skeletonOf(template.codes))?.generalised.push(template);
  }

  remove(template: Template): void {
    const key = skeletonOf(template.codes);
    const family = this.#families.get(key);
    if (!family) return;
    for (const list of [family.all, family.generalised]) {
      const at = list.indexOf(template);
      if (at >= 0) list.splice(at, 1);
    }
    if (family.all.length === 0) this.#families.delete(key);
    const sum = sumOf(template.codes);
    if (this.#bySum.get(sum) === template) this.#bySum.delete(sum);
  }

  /** The template of a message with these tokens. */
  find(codes: Int32Array): Template | undefined {
    const same = this.#bySum.get(sumOf(codes));
    if (same && fits(same.codes, codes)) return same;
    return this.#families.get(skeletonOf(codes))?.generalised.find((template) => fits(template.codes, codes));
  }

  /** The templates whose every message would be one of `codes`. */
  within(codes: Int32Array): Template[] {
    return this.#families.get(skeletonOf(codes))?.all.filter((template) => fits(codes, template.codes)) ?? [];
  }

  /** In a family grown large by messages with several values each: the tokens that a message and its next of kin have in common. */
  commonWithKin(codes: Int32Array): Int32Array | undefined {
    const family = this.#families.get(skeletonOf(codes));
    if (!family || family.all.length <= COMPARED) return undefined;
    let best: Int32Array | undefined;
    let most = Math.max(EQUAL_WORDS, codes.reduce((words, code) => words + (isWord(code) ? 1 : 0), 0) * EQUAL_SHARE);
    for (const { codes: kin } of family.all.slice(-COMPARED)) {
      const equal = codes.reduce((count, code, i) => count + (isWord(code) && code === kin[i] ? 1 : 0), 0);
      if (equal < most) continue;
      most = equal;
      best = kin;
    }
    return best && codes.map((code, i) => (code === best[i] ? code : VARIABLE));
  }
}

/** Whether a message with `codes` is one of the template's: equal but for words at its variables. */
function fits(template: Int32Array, codes: Int32Array): boolean {
  if (template.length !== codes.length) return false;
  for (let i = 0; i < template.length; i++) {
    const code = template[i];
    if (code !== codes[i] && !(code === VARIABLE && isWord(codes[i]))) return false;
  }
  return true;
}

function skeletonOf(codes: Int32Array): number {
  let key = codes.length;
  for (const code of codes) key = (Math.imul(key, 31) + (code === VARIABLE || isWord(code) ? 1 : code)) | 0;
  return key;
}
