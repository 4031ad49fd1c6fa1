import { MeSchema, ROLE_SCOPES } from '@sentinellog/shared';
import type { Api } from './api.ts';
import { callerOf } from './caller-of.ts';

export function meRoutes(api: Api): void {
  api.route({
    method: 'GET',
    url: '/v1/me',
    config: { scope: 'read' },
    schema: { summary: 'Who the caller is and what they may do', response: { 200: MeSchema } },
    handler: (request) => {
      const { name, role } = callerOf(request);
      return { name, role, scopes: [...ROLE_SCOPES[role]] };
    },
  });
}
