import { VARIABLE } from './line-scan.ts';
import { codeOf } from './word-code.ts';

/*
 * How much it takes until words at one place of otherwise equal messages are taken for values of a variable.
 * "opened / closed" are two messages; "root / admin / guest" are one. Found by leaving systems out (docs/templates.md).
 */

/** What is asked for. One setting ships; others exist to see how much depends on it (bench/template-accuracy.ts). */
export interface Evidence {
  /** Weights of values at a place must add up to this. */
  readonly plainPlace: number;
  /** Behind a word that announces a value ("user root"), a quote, `:` or `[`. */
  readonly valuePlace: number;
  /** With a single other word to say that the messages are the same, so many times as much. */
  readonly lonelyFactor: number;
}
export const SHIPPED_EVIDENCE: Evidence = { plainPlace: 6, valuePlace: 3, lonelyFactor: 1.5 };
/** The first word is a verb or a noun of the message more often than a value. */
const FIRST_WORD_FACTOR = 2;

/** Words after which English puts a name. */
const ANNOUNCING: ReadonlySet<number> = new Set(
  (
    'user for from to by host node name named file service server client id key path at on via app package class ' +
    'module device interface domain topic queue table index job pod container process program is User Host Node File ' +
    'Service Server with in into of'
  )
    .split(' ')
    .map(codeOf),
);
const OPENING: ReadonlySet<number> = new Set(['"', "'", '(', '[', '{', ':'].map((letter) => letter.charCodeAt(0)));

/** How strongly one value says that its place is a variable. */
export function valueWeight(code: number, text: string): number {
  if (code === VARIABLE) return 2;
  const word = text.trim();
  // Names of classes, packages, hosts and files are values more often than words of the message are.
  if (/[a-z0-9][._/\\@$-][a-z0-9]/i.test(word)) return 2;
  return 1;
}

/** What the weights at `place` must add up to; infinite where nothing but punctuation says that the messages are the same. */
export function askedOf(codes: Int32Array, place: number, evidence: Evidence): number {
  let words = 0;
  let first = -1;
  for (let i = 0; i < codes.length; i++) {
    if (!isWord(codes[i])) continue;
    if (first < 0) first = i;
    if (i !== place) words++;
  }
  if (words === 0) return Number.POSITIVE_INFINITY;
  const before = place > 0 ? codes[place - 1] : VARIABLE;
  const standsAlone = place + 1 === codes.length || !isWord(codes[place + 1]);
  const announces = place > 0 && (ANNOUNCING.has(before) || (OPENING.has(before) && standsAlone));
  let asked = announces ? evidence.valuePlace : evidence.plainPlace;
  if (first === place || first < 0 || first > place) asked *= FIRST_WORD_FACTOR;
  if (words === 1) asked *= evidence.lonelyFactor;
  return asked;
}

/** Whether a token is a word of the message: no variable, no punctuation. */
export function isWord(code: number): boolean {
  return code >>> 8 !== 0;
}
