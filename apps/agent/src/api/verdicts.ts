import {
  type Anomaly,
  AnomalySchema,
  isUuid,
  RequestError,
  type Verdict,
  VerdictRequestSchema,
} from '@sentinellog/shared';
import { z } from 'zod';
import type { Caller } from '../pipeline/caller.ts';
import type { Api } from './api.ts';
import { callerOf } from './caller-of.ts';

export interface VerdictDeps {
  readonly verdicts: {
    /** null: there is no such anomaly. The change and its audit entry are one transaction; the same again changes nothing. */
    judge(eventId: string, verdict: Verdict | null, actor: Caller): Promise<Anomaly | null>;
  };
}

export function verdictRoutes(api: Api, { verdicts }: VerdictDeps): void {
  api.route({
    method: 'POST',
    url: '/v1/anomalies/:id/verdict',
    config: { scope: 'alert.write', afterReplay: true },
    schema: {
      summary: 'Say that an anomaly was real (never learnt) or noise (learnt as an ordinary day); null takes it back',
      params: z.object({ id: z.string() }),
      body: VerdictRequestSchema,
      response: { 200: AnomalySchema },
    },
    handler: async (request) => {
      const { id } = request.params;
      const judged = isUuid(id) ? await verdicts.judge(id, request.body.verdict, callerOf(request)) : null;
      if (judged === null) throw new RequestError('not_found', 'there is no anomaly with this id');
      return judged;
    },
  });
}
