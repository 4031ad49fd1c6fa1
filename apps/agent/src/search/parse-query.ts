import { LEVELS } from '@sentinellog/shared';
import { RE2JS, RE2JSException } from 're2js';
import { type Comparison, COMPARISONS, type FieldTest, foldCase, type Query, type TextTest } from './query.ts';

export const MAX_QUERY_CHARACTERS = 4096;
const MAX_TERMS = 100;
const MAX_DEPTH = 20;
const FIELD_NAME = /^[A-Za-z_@][\w.@/-]*$/;

/** A query that cannot be read; `column` counts characters from 1. */
export class QueryError extends Error {
  readonly column: number;

  constructor(column: number, what: string) {
    super(`column ${column}: ${what}`);
    this.name = 'QueryError';
    this.column = column;
  }
}

/**
 *     query   = either { "OR" either }
 *     either  = part { [ "AND" ] part }
 *     part    = "NOT" part | "(" query ")" | term
 *     term    = [ field ":" ] ( word | "text in quotes" | /pattern/ | /pattern/i ) | field ":" comparison number
 *
 * The empty query asks for everything. Throws QueryError. See docs/search.md for what a term means.
 */
export function parseQuery(text: string): Query {
  if (text.length > MAX_QUERY_CHARACTERS) {
    throw new QueryError(MAX_QUERY_CHARACTERS + 1, `a query has at most ${MAX_QUERY_CHARACTERS} characters`);
  }
  const parser = new QueryParser(text);
  return parser.whole();
}

class QueryParser {
  readonly #text: string;
  #at = 0;
  #terms = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Query {
    this.#skipBlanks();
    if (this.#at === this.#text.length) return { type: 'any' };
    const query = this.#query();
    if (this.#at < this.#text.length)
      throw this.#error('this ")" closes nothing: remove it, or put the text in quotes');
    return query;
  }

  #query(): Query {
    const parts = [this.#either()];
    while (this.#keyword('OR')) parts.push(this.#either());
    return parts.length === 1 ? parts[0] : { type: 'or', parts };
  }

  #either(): Query {
    const parts: Query[] = [];
    for (;;) {
      const isJoined = parts.length > 0 && this.#keyword('AND');
      const isOver = this.#at === this.#text.length || this.#text[this.#at] === ')' || this.#isNext('OR');
      if (isOver && parts.length > 0 && !isJoined) break;
      if (isOver) throw this.#error('a word, "text in quotes", /pattern/ or field:value must stand here');
      parts.push(this.#part());
    }
    return parts.length === 1 ? parts[0] : { type: 'and', parts };
  }

  #part(): Query {
    if (this.#isNext('AND'))
      throw this.#error('a word must stand before AND; to look for the word itself put it in quotes');
    if (++this.#depth > MAX_DEPTH) throw this.#error(`brackets and NOT nest at most ${MAX_DEPTH} deep`);
    try {
      if (this.#keyword('NOT')) {
        if (this.#at === this.#text.length) throw this.#error('NOT needs something behind it');
        return { type: 'not', part: this.#part() };
      }
      if (this.#text[this.#at] !== '(') return this.#term();
      const openedAt = this.#at++;
      this.#skipBlanks();
      const inner = this.#query();
      if (this.#text[this.#at] !== ')') throw new QueryError(openedAt + 1, 'this "(" is never closed');
      this.#at++;
      this.#skipBlanks();
      return inner;
    } finally {
      this.#depth--;
    }
  }

  #term(): Query {
    if (++this.#terms > MAX_TERMS) throw this.#error(`a query has at most ${MAX_TERMS} terms`);
    const start = this.#at;
    const first = this.#text[start];
    const name = first === '"' || first === '/' ? undefined : this.#fieldName();
    if (name !== undefined) return this.#field(name, start);
    const test: TextTest = first === '/' ? this.#pattern() : { type: 'contains', text: foldCase(this.#word()) };
    this.#skipBlanks();
    return { type: 'value', test };
  }

  /** `name:` in front of something; undefined, and nothing is read, when this is no field. */
  #fieldName(): string | undefined {
    const word = /^[^\s()":]*:(?=[^\s)])/.exec(this.#text.slice(this.#at))?.[0];
    if (word === undefined) return undefined;
    const name = word.slice(0, -1);
    // An address such as https://… is text.
    if (!FIELD_NAME.test(name) || this.#text.startsWith('//', this.#at + word.length)) return undefined;
    this.#at += word.length;
    return name;
  }

  #field(field: string, start: number): Query {
    const valueAt = this.#at;
    const test = this.#fieldTest(field);
    this.#skipBlanks();
    if (field !== 'level') return { type: 'field', field, test };
    return levelQuery(test, start, valueAt);
  }

  #fieldTest(field: string): FieldTest {
    const first = this.#text[this.#at];
    if (first === '/') return this.#pattern();
    const operator = COMPARISONS.find((one) => this.#text.startsWith(one, this.#at));
    if (operator !== undefined) return this.#comparison(operator, field);
    const isQuoted = first === '"';
    // Case tells services apart, so it is kept for them.
    const word = field === 'service' ? this.#word() : foldCase(this.#word());
    if (field === 'message' && word !== '*') return { type: 'contains', text: word };
    return { type: 'is', pieces: isQuoted ? [word] : word.split('*') };
  }

  #comparison(operator: Comparison, field: string): FieldTest {
    this.#at += operator.length;
    const at = this.#at;
    const word = this.#word();
    const number = field === 'level' ? LEVELS.findIndex((level) => level === levelNamed(word)) : Number(word);
    if (word === '' || Number.isNaN(number)) throw new QueryError(at + 1, `a number must follow ${operator}`);
    if (number < 0 && field === 'level') throw unknownLevel(at);
    return { type: 'compares', operator, number };
  }

  #word(): string {
    if (this.#text[this.#at] === '"') return this.#quoted();
    const word = /^[^\s()"]+/.exec(this.#text.slice(this.#at))?.[0] ?? '';
    if (word === '') throw this.#error('a word or "text in quotes" must stand here');
    this.#at += word.length;
    return word;
  }

  #quoted(): string {
    const openedAt = this.#at++;
    let word = '';
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at];
      if (character === '"') {
        this.#at++;
        if (word === '') throw new QueryError(openedAt + 1, 'there is nothing between these quotes');
        return word;
      }
      const isEscape = character === '\\' && /["\\]/.test(this.#text[this.#at + 1] ?? '');
      if (isEscape) this.#at++;
      word += this.#text[this.#at];
    }
    throw new QueryError(openedAt + 1, 'this quote is never closed; a quote inside of quotes is written \\"');
  }

  #pattern(): TextTest {
    const openedAt = this.#at++;
    let source = '';
    for (; this.#at < this.#text.length && this.#text[this.#at] !== '/'; this.#at++) {
      if (this.#text[this.#at] === '\\') {
        this.#at++;
        // An escaped slash is only escaped for us.
        if (this.#text[this.#at] !== '/') source += '\\';
      }
      source += this.#text[this.#at] ?? '';
    }
    if (this.#at >= this.#text.length) {
      throw new QueryError(openedAt + 1, 'this pattern is never closed with "/"; for the text itself use quotes');
    }
    this.#at++;
    const ignoresCase = this.#text[this.#at] === 'i';
    if (ignoresCase) this.#at++;
    if (/^[^\s()]/.test(this.#text.slice(this.#at))) throw this.#error('only the letter i may follow a pattern');
    if (source === '') throw new QueryError(openedAt + 1, 'the pattern is empty');
    try {
      compilePattern(source, ignoresCase);
    } catch (error) {
      if (!(error instanceof RE2JSException)) throw error;
      throw new QueryError(openedAt + 1, `not a pattern of RE2: ${error.message}`);
    }
    return { type: 'pattern', source, ignoresCase };
  }

  #isNext(keyword: string): boolean {
    return (
      this.#text.startsWith(keyword, this.#at) && /^(\s|\(|\)|$)/.test(this.#text.slice(this.#at + keyword.length))
    );
  }

  #keyword(keyword: string): boolean {
    if (!this.#isNext(keyword)) return false;
    this.#at += keyword.length;
    this.#skipBlanks();
    return true;
  }

  #skipBlanks(): void {
    while (/^\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #error(what: string): QueryError {
    return new QueryError(this.#at + 1, what);
  }
}

/** Linear in the text, whatever the pattern: both come from people. */
export function compilePattern(source: string, ignoresCase: boolean): RE2JS {
  return RE2JS.compile(source, ignoresCase ? RE2JS.CASE_INSENSITIVE : 0);
}

/** A level has five names and an order, and is compared as such: events say it in many ways. */
function levelQuery(test: FieldTest, start: number, valueAt: number): Query {
  if (test.type === 'compares') return { type: 'field', field: 'level', test };
  if (test.type !== 'is') throw new QueryError(valueAt + 1, 'a level is one of its names, or >=warn');
  if (test.pieces.length > 1)
    throw new QueryError(start + 1, 'every event has a level: leave this out, or use level:>=warn');
  const name = levelNamed(test.pieces[0]);
  if (name === undefined) throw unknownLevel(valueAt);
  return { type: 'field', field: 'level', test: { type: 'is', pieces: [name] } };
}

const LEVEL_WORDS: Readonly<Record<string, string>> = {
  warning: 'warn',
  err: 'error',
  critical: 'fatal',
  trace: 'debug',
};

function levelNamed(word: string): string | undefined {
  const name = word.toLowerCase();
  return LEVELS.find((level) => level === (LEVEL_WORDS[name] ?? name));
}

function unknownLevel(at: number): QueryError {
  return new QueryError(at + 1, `levels are ${LEVELS.join(', ')}`);
}
