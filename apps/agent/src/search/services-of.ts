import type { Query } from './query.ts';

/** The services of which one must have written every event that the query can match; null when any may have. */
export function servicesOf(query: Query): readonly string[] | null {
  switch (query.type) {
    case 'and':
      return query.parts.map(servicesOf).find((services) => services !== null) ?? null;
    case 'or': {
      const parts = query.parts.map(servicesOf);
      return parts.includes(null) ? null : parts.flatMap((services) => services ?? []);
    }
    case 'field': {
      const isNamed = query.field === 'service' && query.test.type === 'is' && query.test.pieces.length === 1;
      return isNamed && query.test.type === 'is' ? query.test.pieces : null;
    }
    case 'any':
    case 'not':
    case 'value':
      break;
  }
  return null;
}
