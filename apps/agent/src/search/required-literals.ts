import { type FieldTest, foldCase, type Query, type TextTest } from './query.ts';

/**
 * Characters that lie in the raw bytes as themselves, in whatever format, with the exception that `hasEscapedLiteral`
 * finds. Left out: what JSON must escape, `/` and what Go escapes for HTML (`<>&'`), and everything outside of ASCII,
 * which some encoders write as \u….
 */
const LITERAL = /[a-z0-9 !#$%()*+,\-.:;=?@[\]^_`{|}~]+/g;
const IS_LITERAL = new Set('abcdefghijklmnopqrstuvwxyz0123456789 !#$%()*+,-.:;=?@[]^_`{|}~');
/** A structure that is a message is written anew as text: there, only what holds a word is surely found in the bytes. */
const WORD = /[a-z]{2}/;
/** The alternatives of one query; more would slow the search down more than they pass over. */
const MAX_ALTERNATIVES = 16;

/**
 * Texts, in lower case, of which at least one lies in the bytes of every event (or of its record) that the query can
 * match. Null: nothing is known, so that every event has to be looked at.
 */
export function requiredLiterals(query: Query): readonly string[] | null {
  switch (query.type) {
    case 'and':
      return bestOf(query.parts.map(requiredLiterals));
    case 'or': {
      const parts = query.parts.map(requiredLiterals);
      const all = parts.flatMap((part) => part ?? []);
      return parts.includes(null) || all.length > MAX_ALTERNATIVES ? null : all;
    }
    case 'value':
      return ofTest(query.test);
    case 'field':
      // Both may stand in the head of the record or in no byte at all.
      if (query.field === 'level' || query.field === 'service') return null;
      return ofTest(query.test, query.field === 'message');
    case 'any':
    case 'not':
      break;
  }
  return null;
}

function ofTest(test: TextTest | FieldTest, mustHoldWord = false): readonly string[] | null {
  switch (test.type) {
    case 'contains':
      return longest(literalsIn(test.text), mustHoldWord);
    case 'is':
      return longest(test.pieces.flatMap(literalsIn), mustHoldWord);
    case 'pattern':
      return longest(literalsOfPattern(test.source, test.ignoresCase), mustHoldWord);
    case 'compares':
      break;
  }
  return null;
}

function literalsIn(text: string): string[] {
  return text.match(LITERAL) ?? [];
}

function longest(literals: readonly string[], mustHoldWord: boolean): readonly string[] | null {
  let best = '';
  for (const literal of literals) {
    if (literal.length > best.length && (!mustHoldWord || WORD.test(literal))) best = literal;
  }
  return best === '' ? null : [best];
}

/** The longer the shortest alternative, the rarer. */
function bestOf(parts: readonly (readonly string[] | null)[]): readonly string[] | null {
  let best: readonly string[] | null = null;
  for (const part of parts) if (part !== null && (best === null || shortestOf(part) > shortestOf(best))) best = part;
  return best;
}

function shortestOf(literals: readonly string[]): number {
  return Math.min(...literals.map(({ length }) => length));
}

/**
 * Runs of plain characters outside of all groups and classes. What is not surely one ends the run; a pattern with
 * alternatives or flags has none.
 */
function literalsOfPattern(source: string, ignoresCase: boolean): string[] {
  if (/\||\(\?[a-zA-Z]/.test(source.replaceAll(/\\./g, ''))) return [];
  const runs: string[] = [];
  let run = '';
  let depth = 0;
  const end = () => {
    if (run !== '') runs.push(run);
    run = '';
  };
  for (let at = 0; at < source.length; at++) {
    const character = source[at];
    if (character === '[') {
      at = classEnd(source, at);
      end();
    } else if (character === '(') {
      depth++;
      end();
    } else if (character === ')') {
      depth--;
      end();
    } else if (character === '\\') {
      at++;
      // \. \[ … are the character; \d \b \x41 \p{L} \Q … are not.
      if (depth === 0 && /[^A-Za-z0-9]/.test(source[at] ?? 'x')) run += source[at];
      else {
        end();
        at = escapeEnd(source, at);
      }
    } else if (/[*?{+]/.test(character)) {
      // The character before may be missing, or come again.
      run = run.slice(0, -1);
      end();
      if (character === '{') at = Math.max(at, source.indexOf('}', at));
    } else if (/[.^$]/.test(character) || depth > 0) end();
    else run += character;
  }
  end();
  // To RE2 the sign for Kelvin is a k in another case, and the long s (U+017F) an s.
  const surely = (text: string) => (ignoresCase ? foldCase(text).replaceAll(/[ks]/g, '\0') : foldCase(text));
  return runs.flatMap((text) => literalsIn(surely(text)));
}

function classEnd(source: string, from: number): number {
  let at = from + 1;
  if (source[at] === '^') at++;
  if (source[at] === ']') at++;
  for (; at < source.length && source[at] !== ']'; at++) {
    if (source[at] === '\\') at++;
    else if (source.startsWith('[:', at)) at = source.indexOf(':]', at) + 1;
  }
  return at;
}

/** The last character of \x{41}, \x41, \p{L}, \pL, \077; \Q … \E quotes up to the end here. */
function escapeEnd(source: string, at: number): number {
  if (source[at] === 'Q') {
    const close = source.indexOf('\\E', at);
    return close < 0 ? source.length : close + 1;
  }
  const rest = /^(?:[xpP]\{[^}]*\}?|x[0-9A-Fa-f]{0,2}|[pP].|[0-7]{1,3})/.exec(source.slice(at))?.[0] ?? '';
  return at + Math.max(0, rest.length - 1);
}

/**
 * Whether a character that `requiredLiterals` relies on is written as an escape (`\u0041`), which is allowed and which
 * nobody does: then the raw bytes prove nothing.
 */
export function hasEscapedLiteral(raw: Buffer): boolean {
  for (let at = raw.indexOf(String.raw`\u00`); at >= 0; at = raw.indexOf(String.raw`\u00`, at + 4)) {
    const code = Number.parseInt(raw.toString('latin1', at + 4, at + 6), 16);
    if (IS_LITERAL.has(String.fromCharCode(code).toLowerCase())) return true;
  }
  return false;
}

/**
 * Whether a text may come out of bytes that do not hold it: numbers, truth values and ids (in hexadecimal) lie in
 * protobuf as bytes of their own.
 */
export function isMadeFromBinary(literal: string): boolean {
  return /^[0-9a-f.+-]*$/.test(literal) || ['true', 'false', 'infinity', 'nan'].some((word) => word.includes(literal));
}
