import { AgentStatusSchema, type AgentHealth, type AgentInfo } from '@sentinellog/shared';
import type { Api } from './api.ts';

export interface AgentStatusDeps {
  readonly status: { info(): AgentInfo; health(): AgentHealth };
}

export function agentStatusRoutes(api: Api, { status }: AgentStatusDeps): void {
  api.route({
    method: 'GET',
    url: '/v1/agent',
    config: { scope: 'read' },
    schema: {
      summary: 'What the agent says about itself: version, state, rates, storage',
      response: { 200: AgentStatusSchema },
    },
    handler: () => ({ agent: status.info(), health: status.health() }),
  });
}
