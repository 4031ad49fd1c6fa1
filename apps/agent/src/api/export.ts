import { Readable } from 'node:stream';
import {
  EXPORT_DAMAGED_TRAILER,
  EXPORT_EVENTS_TRAILER,
  type ExportQuery,
  ExportQuerySchema,
} from '@sentinellog/shared';
import type { Caller } from '../pipeline/caller.ts';
import type { Api } from './api.ts';
import { callerOf } from './caller-of.ts';
import { goneSignal, type RunningSearch } from './search.ts';

interface ExportEnd {
  readonly events: number;
  readonly damagedBlocks: number;
}

export interface ExportDesk {
  /** Audited before it begins. RequestErrors as for a search. */
  export(
    query: ExportQuery,
    isGzipped: boolean,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<RunningSearch<ExportEnd>>;
}

const TYPES = { ndjson: 'application/x-ndjson', csv: 'text/csv; charset=utf-8' } as const;

export function exportRoutes(api: Api, { rawSearch }: { readonly rawSearch: ExportDesk }): void {
  api.route({
    method: 'GET',
    url: '/v1/export',
    config: { scope: 'read' },
    schema: {
      summary: 'Every event of a range as it was received, as NDJSON or CSV; trailers say how many',
      querystring: ExportQuerySchema,
    },
    handler: async (request, reply) => {
      const { format } = request.query;
      const isGzipped = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(request.headers['accept-encoding'] ?? '');
      const run = await rawSearch.export(request.query, isGzipped, callerOf(request), goneSignal(reply));
      let end: ExportEnd | undefined;
      // Whatever breaks breaks the connection too: an answer that ends properly is whole.
      const pieces = async function* () {
        end = yield* run.pieces();
      };
      void reply
        .type(TYPES[format])
        .header('cache-control', 'no-store')
        .header('vary', 'accept-encoding')
        .header('content-disposition', `attachment; filename="sentinellog.${format}"`)
        .trailer(EXPORT_EVENTS_TRAILER, async () => String(end?.events ?? ''))
        .trailer(EXPORT_DAMAGED_TRAILER, async () => String(end?.damagedBlocks ?? ''));
      if (isGzipped) void reply.header('content-encoding', 'gzip');
      return reply.send(Readable.from(pieces(), { objectMode: false }));
    },
  });
}
