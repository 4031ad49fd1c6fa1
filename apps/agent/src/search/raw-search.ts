import {
  type ExportQuery,
  isUuid,
  parseInstantMs,
  parseStepSeconds,
  RequestError,
  type SearchRequest,
  SearchRequestSchema,
} from '@sentinellog/shared';
import type { Caller } from '../pipeline/caller.ts';
import { sourceHash } from '../pipeline/record-contents.ts';
import { placeOfCursor } from './hit-list.ts';
import { parseQuery, QueryError } from './parse-query.ts';
import type { Query } from './query.ts';
import type { SearchDesk } from './search-desk.ts';
import type { EventWish } from './search-task.ts';
import type { TaskRun } from './task-run.ts';

const DEFAULT_RANGE_MS = 60 * 60_000;
/** Events may be this much ahead of the agent's clock and still keep their own time (tally/accept-window.ts). */
const AHEAD_MS = 10 * 60_000;
/** A few blocks. */
const WARM_UP_BYTES = 4 * 1024 * 1024;
/** Steps of a count: more than any screen has columns. */
const MAX_STEPS = 10_000;

export interface RawSearchParts<Journal> {
  readonly desk: SearchDesk<Journal>;
  readonly tenant: string;
  /** Those that are known so far. */
  sources(): readonly { readonly source_id: string; readonly tenant: string; readonly service: string }[];
  /** What was received before is not shown any more. */
  keptSinceMs(hash: number, nowMs: number): number;
  /** Stands for sources that are not known. */
  readonly overflowService: string;
  /** Resolves once it is written for good. */
  audit(entry: {
    readonly atMs: number;
    readonly actor: string;
    readonly action: string;
    readonly object: string;
    readonly detail: Readonly<Record<string, unknown>>;
  }): Promise<void>;
  now(): number;
}

/** Searches and exports as they are asked for from outside. All throw RequestErrors that say what to change. */
export class RawSearch<Journal> {
  readonly #parts: RawSearchParts<Journal>;

  constructor(parts: RawSearchParts<Journal>) {
    this.#parts = parts;
  }

  /** @param signal aborted when whoever asked is gone */
  search(request: SearchRequest, signal: AbortSignal): Promise<TaskRun> {
    const { order, limit, cursor, fields, step, by, top, max_seconds, max_bytes } = request;
    const wish = this.#wish(request, request.sources);
    const after = cursor === undefined ? null : placeOfCursor(cursor);
    if (after === undefined) throw new RequestError('invalid_request', 'body.cursor is not one of an earlier answer');
    const task = {
      ...wish,
      type: 'search',
      order,
      limit,
      after,
      withFields: fields,
      stepMs: step === undefined ? null : stepMsOf(step, wish),
      by: by ?? null,
      top,
      maxMs: max_seconds * 1000,
      maxBytes: max_bytes,
    } as const;
    return this.#parts.desk.start(task, signal);
  }

  /**
   * One small search before anybody asks: the first of a thread takes half a second longer than the others, for
   * starting, loading and compiling.
   */
  async warmUp(): Promise<void> {
    const request = SearchRequestSchema.parse({ query: 'e', limit: 1, max_bytes: WARM_UP_BYTES });
    // Its answer is a few lines, which nobody has to take.
    await this.search(request, new AbortController().signal);
  }

  /** Audited before the first event leaves; RequestError('storage_unavailable') where that is not possible. */
  async export(query: ExportQuery, isGzipped: boolean, caller: Caller, signal: AbortSignal): Promise<TaskRun> {
    const wish = this.#wish(query, query.source);
    const { fromMs, toMs, services } = wish;
    await this.#parts.audit({
      atMs: this.#parts.now(),
      actor: `${caller.name} (${caller.tokenId})`,
      action: 'log.export',
      object: services?.join(', ') ?? '(all sources)',
      detail: {
        from: new Date(fromMs).toISOString(),
        to: new Date(toMs).toISOString(),
        query: query.query,
        format: query.format,
      },
    });
    return this.#parts.desk.start({ ...wish, type: 'export', format: query.format, isGzipped }, signal);
  }

  #wish(asked: Pick<SearchRequest, 'query' | 'from' | 'to'>, sources: readonly string[] | undefined): EventWish {
    const { tenant } = this.#parts;
    const nowMs = this.#parts.now();
    const toMs = asked.to === undefined ? nowMs + AHEAD_MS : instantOf(asked.to, 'to');
    const fromMs = asked.from === undefined ? Math.min(nowMs, toMs) - DEFAULT_RANGE_MS : instantOf(asked.from, 'from');
    if (fromMs >= toMs) throw new RequestError('invalid_request', 'from must be before to');
    const services = sources === undefined ? null : this.#servicesOf(sources);
    return { query: queryOf(asked.query), fromMs, toMs, tenant, services, keptSince: this.#keptSince(nowMs) };
  }

  /** A name that is not known (yet) is searched for all the same: its events may be in the journal and not counted yet. */
  #servicesOf(names: readonly string[]): string[] {
    const known = new Map(this.#ours().map(({ source_id, service }) => [source_id, service]));
    return names.map((name) => {
      const service = known.get(name);
      if (service === undefined && isUuid(name)) throw new RequestError('not_found', 'there is no source with this id');
      return service ?? name;
    });
  }

  #keptSince(nowMs: number): EventWish['keptSince'] {
    const parts = this.#parts;
    const hashes = this.#ours().map(({ service }) => sourceHash(parts.tenant, service));
    return {
      bySource: new Map(hashes.map((hash) => [hash, parts.keptSinceMs(hash, nowMs)])),
      othersMs: parts.keptSinceMs(sourceHash(parts.tenant, parts.overflowService), nowMs),
    };
  }

  #ours() {
    return this.#parts.sources().filter(({ tenant }) => tenant === this.#parts.tenant);
  }
}

function queryOf(text: string): Query {
  try {
    return parseQuery(text);
  } catch (error) {
    if (error instanceof QueryError)
      throw new RequestError('invalid_request', `query, ${error.message}`, { cause: error });
    throw error;
  }
}

function instantOf(instant: string | number, name: string): number {
  const ms = typeof instant === 'number' ? instant : parseInstantMs(instant);
  // 8.64e15 is the end of ECMAScript time (ECMA-262 §21.4.1.1).
  if (ms === undefined || !(ms >= 0 && ms <= 8.64e15)) {
    throw new RequestError(
      'invalid_request',
      `${name} must be milliseconds since the epoch or ISO 8601, not before 1970`,
    );
  }
  return ms;
}

function stepMsOf(step: string, { fromMs, toMs }: EventWish): number {
  const seconds = parseStepSeconds(step);
  if (seconds === undefined) throw new RequestError('invalid_request', 'step must be like 1s, 10s, 5m, 1h or 1d');
  if ((toMs - fromMs) / (seconds * 1000) > MAX_STEPS) {
    throw new RequestError('invalid_request', `step is too short for the range: at most ${MAX_STEPS} steps`);
  }
  return seconds * 1000;
}
