import { type Analysis, AnalysisSchema, isUuid, RequestError } from '@sentinellog/shared';
import { z } from 'zod';
import type { Api } from './api.ts';

export interface AnalysisDesk {
  /** Null where there is no such incident; RequestError where no analysis can be had. */
  ask(incidentId: string, signal: AbortSignal): Promise<Analysis | null>;
  /** Exactly what would leave the building; null where there is no such incident. */
  preview(incidentId: string): Promise<{
    readonly configured: boolean;
    readonly system: string;
    readonly user: string;
    readonly redacted: Readonly<Record<string, number>>;
  } | null>;
}

const PreviewSchema = z.object({
  configured: z.boolean(),
  system: z.string(),
  user: z.string(),
  redacted: z.record(z.string(), z.number()),
});
const params = z.object({ id: z.string() });
const noIncident = () => new RequestError('not_found', 'there is no incident with this id');

export function analysisRoutes(api: Api, { analysis }: { readonly analysis: AnalysisDesk }): void {
  api.route({
    method: 'GET',
    url: '/v1/incidents/:id/analysis/preview',
    config: { scope: 'alert.read' },
    schema: {
      summary: 'What would be sent to the language model about an incident, after redaction',
      params,
      response: { 200: PreviewSchema },
    },
    handler: async ({ params: { id } }) => {
      const preview = isUuid(id) ? await analysis.preview(id) : null;
      if (preview === null) throw noIncident();
      return { ...preview, redacted: { ...preview.redacted } };
    },
  });

  api.route({
    method: 'POST',
    url: '/v1/incidents/:id/analysis',
    config: { scope: 'alert.write' },
    schema: {
      summary: 'Ask the language model what an incident may be about; needs analysis.apiKey',
      params,
      response: { 200: AnalysisSchema },
    },
    handler: async (request, reply) => {
      const gone = new AbortController();
      reply.raw.on('close', () => gone.abort());
      const { id } = request.params;
      const answer = isUuid(id) ? await analysis.ask(id, gone.signal) : null;
      if (answer === null) throw noIncident();
      return answer;
    },
  });
}
