import { type HealthMap, HealthMapSchema } from '@sentinellog/shared';
import type { Api } from './api.ts';

export interface HealthMapDeps {
  readonly healthMap: () => HealthMap;
}

export function healthMapRoutes(api: Api, { healthMap }: HealthMapDeps): void {
  api.route({
    method: 'GET',
    url: '/v1/health/map',
    config: { scope: 'read', afterReplay: true },
    schema: {
      summary: 'Services, what they are like now, and who calls whom as learnt from traces',
      response: { 200: HealthMapSchema },
    },
    handler: () => healthMap(),
  });
}
