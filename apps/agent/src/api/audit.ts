import { AuditListSchema, AuditQuerySchema, type AuditRecord } from '@sentinellog/shared';
import type { Api } from './api.ts';

export interface AuditDeps {
  readonly audit: {
    entries(query: {
      readonly order: 'asc' | 'desc';
      readonly after?: number | undefined;
      readonly limit: number;
    }): Promise<readonly AuditRecord[]>;
    head(): Promise<{ readonly seq: number; readonly hash: string }>;
  };
}

export function auditRoutes(api: Api, { audit }: AuditDeps): void {
  api.route({
    method: 'GET',
    url: '/v1/audit',
    config: { scope: 'admin' },
    schema: {
      summary: 'Who changed what: links of the hash chain, to read or to verify',
      querystring: AuditQuerySchema,
      response: { 200: AuditListSchema },
    },
    handler: async (request) => {
      // The head first: entries that are written meanwhile must not look as if they were beyond it.
      const head = await audit.head();
      return { entries: [...(await audit.entries(request.query))], head };
    },
  });
}
