import { Readable } from 'node:stream';
import { type SearchRequest, SearchRequestSchema } from '@sentinellog/shared';
import type { FastifyReply } from 'fastify';
import type { Api } from './api.ts';

/** A task under way; its answer comes piece by piece, and what it came to at the end. */
export interface RunningSearch<End> {
  /** Rejects when it broke off. */
  pieces(): AsyncGenerator<Uint8Array, End>;
}

export interface SearchDesk {
  /** RequestError('invalid_request') says what to change, 'rate_limited' that too many searches run. */
  search(request: SearchRequest, signal: AbortSignal): Promise<RunningSearch<unknown>>;
}

export function searchRoutes(api: Api, { rawSearch }: { readonly rawSearch: SearchDesk }): void {
  api.route({
    method: 'POST',
    url: '/v1/search',
    config: { scope: 'read' },
    schema: {
      summary: 'Search the raw log; answers with NDJSON: progress, hits, aggregates, done',
      body: SearchRequestSchema,
    },
    handler: async (request, reply) => {
      const run = await rawSearch.search(request.body, goneSignal(reply));
      // Proxies that collect an answer would hold the first hit back until the last.
      void reply.header('x-accel-buffering', 'no').header('cache-control', 'no-store').type('application/x-ndjson');
      return reply.send(Readable.from(linesOf(run), { objectMode: false }));
    },
  });
}

/** The status is out when something breaks, so the last line says it. */
async function* linesOf(run: RunningSearch<unknown>): AsyncGenerator<Uint8Array> {
  try {
    yield* run.pieces();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    yield Buffer.from(`${JSON.stringify({ type: 'failed', detail })}\n`);
  }
}

/** Aborted once nobody reads the answer any more. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}
