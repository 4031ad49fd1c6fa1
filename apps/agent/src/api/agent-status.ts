import {
  AgentStatusSchema,
  type AgentHealth,
  type AgentInfo,
  CanarySchema,
  type CanaryReport,
} from '@sentinellog/shared';
import type { Api } from './api.ts';

export interface AgentStatusDeps {
  readonly status: { info(): AgentInfo; health(): AgentHealth };
  readonly canary: { report(): CanaryReport; run(): Promise<CanaryReport> };
}

export function agentStatusRoutes(api: Api, { status, canary }: AgentStatusDeps): void {
  api.route({
    method: 'GET',
    url: '/v1/agent',
    config: { scope: 'read' },
    schema: {
      summary: 'What the agent says about itself: version, state, rates, storage',
      response: { 200: AgentStatusSchema },
    },
    handler: () => ({ agent: status.info(), health: status.health(), canary: canary.report() }),
  });

  api.route({
    method: 'POST',
    url: '/v1/agent/canary',
    config: { scope: 'alert.write' },
    schema: {
      summary: 'Test detection now: known incidents through the same code, at every sensitivity; takes a second or two',
      response: { 200: CanarySchema },
    },
    handler: () => canary.run(),
  });
}
