/** Searching the raw log: `POST /v1/search` answers with NDJSON, one of `SearchLineSchema` a line. */
import { z } from 'zod';
import { LEVELS } from './level.ts';

export const MAX_SEARCH_HITS = 10_000;
export const SEARCH_ORDERS = ['newest', 'oldest'] as const;

/** Milliseconds since the epoch, or ISO 8601. */
const instant = z.union([z.number(), z.string().max(40)]);

export const SearchRequestSchema = z.strictObject({
  /** The query language of docs/search.md; empty for everything. */
  query: z.string().max(4096).default(''),
  /** Of event time, from ≤ t < to. Absent: an hour ago, and now. */
  from: instant.optional(),
  to: instant.optional(),
  /** Source ids or names of services; absent for all. */
  sources: z.array(z.string().min(1).max(200)).min(1).max(100).optional(),
  order: z.enum(SEARCH_ORDERS).default('newest'),
  /** Hits at most; 0 for counts alone. */
  limit: z.number().int().min(0).max(MAX_SEARCH_HITS).default(100),
  /** `cursor` of an earlier `done` with the same order: go on behind it. */
  cursor: z.string().max(100).optional(),
  /** With every field of each hit, not only those that are counted. */
  fields: z.boolean().default(true),
  /** Count by steps of event time: `1s`, `1m`, `1h` … */
  step: z.string().max(10).optional(),
  /** Count by the values of a field. */
  by: z.string().min(1).max(200).optional(),
  /** The most frequent values of `by` that are told. */
  top: z.number().int().min(1).max(1000).default(10),
  max_seconds: z.number().int().min(1).max(600).default(60),
  /** Of log text, decompressed. */
  max_bytes: z.number().int().min(1).default(1e12),
});
export type SearchRequest = z.output<typeof SearchRequestSchema>;
export type SearchRequestInput = z.input<typeof SearchRequestSchema>;

export const SearchHitSchema = z.object({
  type: z.literal('hit'),
  /** Where it lies in the journal; stays the same for as long as it is kept. */
  id: z.string(),
  at_ms: z.number(),
  received_at_ms: z.number(),
  service: z.string(),
  level: z.enum(LEVELS),
  message: z.string(),
  trace_id: z.string().optional(),
  /** Nested ones as `a.b`, values as they were sent; long ones are cut. */
  fields: z.record(z.string(), z.string()).optional(),
});
export type SearchHit = z.infer<typeof SearchHitSchema>;

export const SearchProgressSchema = z.object({
  type: z.literal('progress'),
  /** Share of the journal that has been looked at or passed over, 0 to 1. */
  fraction: z.number(),
  searched_bytes: z.number(),
  matched: z.number(),
  elapsed_ms: z.number(),
});

const count = { count: z.number().int() };
export const SearchAggregateSchema = z.object({
  type: z.literal('aggregate'),
  /** False while the search goes on: a later line replaces this one. */
  final: z.boolean(),
  total: z.number().int(),
  step_ms: z.number().optional(),
  by_time: z.array(z.object({ at_ms: z.number(), ...count })).optional(),
  by: z.string().optional(),
  by_value: z.array(z.object({ value: z.string(), ...count })).optional(),
  /** Events with values that are not named above. */
  other_values: z.number().int().optional(),
  without_field: z.number().int().optional(),
});
export type SearchAggregate = z.infer<typeof SearchAggregateSchema>;

export const SEARCH_ENDS = ['complete', 'limit', 'time', 'bytes', 'cancelled'] as const;
export const SearchDoneSchema = z.object({
  type: z.literal('done'),
  /** Which limit ended it; `complete` when everything was looked at. */
  reason: z.enum(SEARCH_ENDS),
  matched: z.number().int(),
  searched_bytes: z.number(),
  blocks: z.number().int(),
  /** Blocks that could not be read: what was in them is missing. */
  damaged_blocks: z.number().int(),
  elapsed_ms: z.number(),
  /** Of the thread that searched. */
  cpu_ms: z.number(),
  /** For the hits behind the last one; null when there are none. */
  cursor: z.string().nullable(),
});
export type SearchDone = z.infer<typeof SearchDoneSchema>;

/** Something broke in the middle of an answer. */
export const SearchFailedSchema = z.object({ type: z.literal('failed'), detail: z.string() });

export const SearchLineSchema = z.discriminatedUnion('type', [
  SearchHitSchema,
  SearchProgressSchema,
  SearchAggregateSchema,
  SearchDoneSchema,
  SearchFailedSchema,
]);
export type SearchLine = z.infer<typeof SearchLineSchema>;

export const EXPORT_FORMATS = ['ndjson', 'csv'] as const;
const oneOrMany = z.union([z.string(), z.array(z.string())]).transform((v) => (Array.isArray(v) ? v : [v]));

export const ExportQuerySchema = z.strictObject({
  query: z.string().max(4096).default(''),
  from: z.string().max(40).optional(),
  to: z.string().max(40).optional(),
  /** Source id or service name, repeatable. */
  source: oneOrMany.optional(),
  format: z.enum(EXPORT_FORMATS).default('ndjson'),
});
export type ExportQuery = z.output<typeof ExportQuerySchema>;
/** Trailers of an export's answer: how many events it held. Missing when it was cut short. */
export const EXPORT_EVENTS_TRAILER = 'x-sentinel-events';
/** Blocks of the journal that could not be read. */
export const EXPORT_DAMAGED_TRAILER = 'x-sentinel-damaged-blocks';
