import { LEVELS } from '@sentinellog/shared';
import type { FoundEvent } from './found-event.ts';
import { compilePattern } from './parse-query.ts';
import { type Comparison, type FieldTest, foldCase, type Query } from './query.ts';

export type EventFilter = (event: FoundEvent) => boolean;
type ValueFilter = (value: string) => boolean;

/** A query as a function. Cheap tests run first: what is only in the event's text is looked for last. */
export function eventFilter(query: Query): EventFilter {
  switch (query.type) {
    case 'not': {
      const filter = eventFilter(query.part);
      return (event) => !filter(event);
    }
    case 'and': {
      const filters = query.parts.toSorted((a, b) => costOf(a) - costOf(b)).map(eventFilter);
      return (event) => filters.every((filter) => filter(event));
    }
    case 'or': {
      const filters = query.parts.toSorted((a, b) => costOf(a) - costOf(b)).map(eventFilter);
      return (event) => filters.some((filter) => filter(event));
    }
    case 'value': {
      const accepts = valueFilter(query.test);
      return (event) => event.eachField((_, value) => accepts(value));
    }
    case 'field':
      return fieldFilter(query.field, query.test);
    case 'any':
      break;
  }
  return () => true;
}

function fieldFilter(field: string, test: FieldTest): EventFilter {
  switch (field) {
    case 'level':
      return levelFilter(test);
    case 'service': {
      const accepts = test.type === 'is' ? (value: string) => holdsPieces(value, test.pieces) : valueFilter(test);
      return (event) => accepts(event.service);
    }
    case 'message': {
      const accepts = valueFilter(test);
      return (event) => accepts(event.message());
    }
    case 'trace_id': {
      const accepts = valueFilter(test);
      return (event) =>
        accepts(event.traceId() ?? '') || event.eachField((name, value) => name === field && accepts(value));
    }
    default: {
      const accepts = valueFilter(test);
      return (event) => event.eachField((name, value) => name === field && accepts(value));
    }
  }
}

function levelFilter(test: FieldTest): EventFilter {
  if (test.type === 'is') return ({ level }) => level === test.pieces[0];
  if (test.type !== 'compares') throw new Error(`a level cannot be tested with ${test.type}`);
  const levels = new Set(LEVELS.filter((level, at) => level !== 'other' && compare(at, test.operator, test.number)));
  return ({ level }) => levels.has(level);
}

function valueFilter(test: FieldTest): ValueFilter {
  switch (test.type) {
    case 'contains':
      return (value) => foldCase(value).includes(test.text);
    case 'is':
      return (value) => value !== '' && holdsPieces(foldCase(value), test.pieces);
    case 'pattern': {
      const pattern = compilePattern(test.source, test.ignoresCase);
      return (value) => pattern.matcher(value).find();
    }
    case 'compares':
      break;
  }
  return (value) => value.trim() !== '' && compare(Number(value), test.operator, test.number);
}

function holdsPieces(value: string, pieces: readonly string[]): boolean {
  const first = pieces[0];
  const last = pieces[pieces.length - 1];
  if (pieces.length === 1) return value === first;
  if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false;
  let at = first.length;
  const end = value.length - last.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = value.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}

function compare(value: number, operator: Comparison, limit: number): boolean {
  switch (operator) {
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
    case '<':
      return value < limit;
    case '<=':
      break;
  }
  return value <= limit;
}

/** Levels and services are known from the scan; everything else takes the event's text apart. */
function costOf(query: Query): number {
  switch (query.type) {
    case 'field':
      return query.field === 'level' || query.field === 'service' ? 1 : 3;
    case 'value':
      return query.test.type === 'pattern' ? 4 : 3;
    case 'not':
      return costOf(query.part);
    case 'and':
    case 'or':
      return Math.max(...query.parts.map(costOf));
    case 'any':
      break;
  }
  return 0;
}
