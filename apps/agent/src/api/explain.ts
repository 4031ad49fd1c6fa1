import { Readable } from 'node:stream';
import { type ExplainMessage, type ExplainRequest, ExplainRequestSchema } from '@sentinellog/shared';
import type { Api } from './api.ts';

export interface ExplainDeps {
  readonly explainer: {
    /** RequestError before the first message where the request cannot be answered. */
    explain(request: ExplainRequest, signal: AbortSignal): AsyncGenerator<ExplainMessage>;
  };
}

/** Five hundred templates of another cluster, each of 400 characters at most. */
const MAX_BODY_BYTES = 512 * 1024;

export function explainRoutes(api: Api, { explainer }: ExplainDeps): void {
  api.route({
    method: 'POST',
    url: '/v1/ranges::explain',
    bodyLimit: MAX_BODY_BYTES,
    config: { scope: 'read', afterReplay: true },
    schema: {
      summary:
        'What a range is made of, compared with the same time of past weeks: NDJSON, first rows from counts, then with samples',
      body: ExplainRequestSchema,
    },
    handler: async (request, reply) => {
      const gone = new AbortController();
      const messages = explainer.explain(request.body, gone.signal);
      // Whoever hangs up stops the work, wherever it is; after an answer that was read to its end there is none.
      reply.raw.once('close', () => {
        gone.abort();
        void messages.return(undefined);
      });
      // The first one decides between an answer and a problem.
      const first = await messages.next();
      reply.header('cache-control', 'no-store').type('application/x-ndjson');
      return reply.send(Readable.from(linesOf(first, messages)));
    },
  });
}

async function* linesOf(
  first: IteratorResult<ExplainMessage>,
  rest: AsyncGenerator<ExplainMessage>,
): AsyncGenerator<string> {
  if (first.done !== true) yield `${JSON.stringify(first.value)}\n`;
  for await (const message of rest) yield `${JSON.stringify(message)}\n`;
}
