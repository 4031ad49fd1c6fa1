import { RejectionListSchema, type Rejection } from '@sentinellog/shared';
import type { Api } from './api.ts';

export interface RejectionDeps {
  /** The last few hundred, newest first. */
  readonly rejections: { recent(): readonly Rejection[] };
}

export function rejectionRoutes(api: Api, { rejections }: RejectionDeps): void {
  api.route({
    method: 'GET',
    url: '/v1/rejections',
    config: { scope: 'read' },
    schema: {
      summary: 'What was refused of late and why: finds a wrong sender in seconds',
      response: { 200: RejectionListSchema },
    },
    handler: () => ({ rejections: [...rejections.recent()] }),
  });
}
