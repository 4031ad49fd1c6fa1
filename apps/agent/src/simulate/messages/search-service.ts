import type { Template } from './template.ts';

export const SEARCH_SERVICE: readonly Template[] = [
  {
    level: 'INFO',
    weight: 34,
    status: 200,
    text: (v) => `query "${v.words()}" found ${v.int(0, 900)} products in ${v.durationMs} ms`,
  },
  {
    level: 'INFO',
    weight: 16,
    status: 200,
    text: (v) => `suggest "${v.words().slice(0, 4)}" -> ${v.int(0, 10)} terms`,
  },
  { level: 'INFO', weight: 8, text: (v) => `facets computed over ${v.int(100, 9000)} hits in ${v.int(2, 60)} ms` },
  { level: 'DEBUG', weight: 14, text: (v) => `shard ${v.int(0, 7)} answered in ${v.int(1, 40)} ms` },
  { level: 'DEBUG', weight: 8, text: (v) => `query cache ${v.pick(['hit', 'miss', 'hit'])} for ${v.hex(16)}` },
  { level: 'INFO', weight: 4, text: (v) => `index refresh: ${v.int(1, 400)} documents, ${v.int(20, 600)} ms` },
  { level: 'INFO', weight: 3, text: (v) => `segment merge of ${v.int(2, 8)} segments finished, ${v.int(10, 200)} MB` },
  { level: 'INFO', weight: 2, text: (v) => `zero results for "${v.words()}", spelling suggestion offered` },
  { level: 'WARN', weight: 2, text: (v) => `slow query ${v.int(800, 3000)} ms: "${v.words()}" from=${v.int(0, 400)}` },
  { level: 'WARN', weight: 1, text: (v) => `heap ${v.int(76, 89)} % used on node-${v.int(0, 4)}` },
  {
    level: 'ERROR',
    weight: 3,
    status: 503,
    errorCode: 'SHARD_UNAVAILABLE',
    text: (v) => `shard ${v.int(0, 7)} unavailable on node-${v.int(0, 4)}`,
  },
  {
    level: 'ERROR',
    weight: 2,
    status: 400,
    errorCode: 'QUERY_PARSE',
    text: (v) => `cannot parse query at column ${v.int(1, 40)}: unexpected "${v.pick([')', '\\', '"'])}"`,
  },
  {
    level: 'ERROR',
    weight: 1,
    status: 504,
    errorCode: 'QUERY_TIMEOUT',
    text: (v) => `query ${v.hex(12)} stopped after ${v.int(5, 10)} s`,
  },
];
