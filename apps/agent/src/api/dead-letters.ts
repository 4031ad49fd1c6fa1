import { type DeadLetter, DeadLetterListSchema, DeadLetterQuerySchema } from '@sentinellog/shared';
import type { Api } from './api.ts';

export interface DeadLetterDeps {
  readonly deadLetters: {
    /** Newest first; `cursor` is the `nextCursor` of the page before. */
    page(
      limit: number,
      cursor?: number,
    ): Promise<{ readonly letters: readonly DeadLetter[]; readonly nextCursor: number | null }>;
    /** Since the start, by reason. */
    counted(): Readonly<Record<string, number>>;
  };
}

export function deadLetterRoutes(api: Api, { deadLetters }: DeadLetterDeps): void {
  api.route({
    method: 'GET',
    url: '/v1/dead-letters',
    config: { scope: 'read' },
    schema: {
      summary: 'Events that were refused, as they came, newest first, in pages (the newest 10,000 are kept)',
      querystring: DeadLetterQuerySchema,
      response: { 200: DeadLetterListSchema },
    },
    handler: async (request) => {
      const { limit, cursor } = request.query;
      const { letters, nextCursor } = await deadLetters.page(limit, cursor);
      return { dead_letters: [...letters], next_cursor: nextCursor, counted: { ...deadLetters.counted() } };
    },
  });
}
