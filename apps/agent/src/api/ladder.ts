import { isUuid, type LadderAnswer, LadderAnswerSchema, LadderRequestSchema, RequestError } from '@sentinellog/shared';
import { z } from 'zod';
import type { Api } from './api.ts';

export interface LadderDeps {
  readonly ladder: {
    /** null: there is no such source. Rejects with RequestError where the range is empty or too long. */
    preview(sourceId: string, asked: z.output<typeof LadderRequestSchema>): Promise<LadderAnswer | null>;
  };
}

export function ladderRoutes(api: Api, { ladder }: LadderDeps): void {
  api.route({
    method: 'POST',
    url: '/v1/sources/:id/sensitivity::preview',
    config: { scope: 'read', afterReplay: true },
    schema: {
      summary: 'The sigma ladder: what the source would have told at 2 to 5 σ, by the live engine over its own past',
      params: z.object({ id: z.string() }),
      body: LadderRequestSchema,
      response: { 200: LadderAnswerSchema },
    },
    handler: async (request) => {
      const { id } = request.params;
      const answer = isUuid(id) ? await ladder.preview(id, request.body) : null;
      if (answer === null) throw new RequestError('not_found', 'there is no source with this id');
      return answer;
    },
  });
}
