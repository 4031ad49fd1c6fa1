import type { BatchAnswer, Incident, IncidentAction } from '@sentinellog/shared';
import type { Answer, ConsoleBridge } from '../../bridge/calls.ts';
import type { IncidentRef } from './incident-ref.ts';

/** The agent takes 1,000, one after the other; a fifth of that is answered well before a request times out. */
const MAX_BATCH = 200;

export type ActionServer = Pick<ConsoleBridge, 'actOnIncident' | 'actOnIncidents'>;
export type Send = (attempt: number, version: number, key: string) => Promise<Answer<Incident>>;

/** How an action is first sent, perhaps together with others, and how when its incident has changed meanwhile. */
export interface Sender {
  readonly first: Send;
  readonly alone: Send;
}

/** Of one agent each, and none longer than a batch may be. */
export function batchesOf<One extends { readonly ref: IncidentRef }>(
  touched: readonly One[],
): readonly (readonly One[])[] {
  return [...Map.groupBy(touched, ({ ref }) => ref.agentId).values()].flatMap((ofAgent) =>
    Array.from({ length: Math.ceil(ofAgent.length / MAX_BATCH) }, (_, i) =>
      ofAgent.slice(i * MAX_BATCH, (i + 1) * MAX_BATCH),
    ),
  );
}

export function sendAlone(server: ActionServer, { agentId, incidentId }: IncidentRef, action: IncidentAction): Send {
  return (_attempt, version, key) => server.actOnIncident({ agentId, incidentId, version, key, action });
}

/** One answer for each of these incidents of one agent, which share a request, attempt by attempt. */
export function sendTogether(
  server: ActionServer,
  action: IncidentAction,
  batch: {
    readonly agentId: string;
    readonly key: string;
    readonly items: readonly { readonly id: string; readonly version: number }[];
  },
): (incidentId: string) => Send {
  const requests = new Map<number, Promise<Answer<BatchAnswer>>>();
  return (incidentId) => async (attempt) => {
    const request = requests.get(attempt) ?? server.actOnIncidents({ ...batch, action });
    requests.set(attempt, request);
    const answer = await request;
    return answer.ok ? resultOf(answer.value, incidentId) : answer;
  };
}

function resultOf(batch: BatchAnswer, incidentId: string): Answer<Incident> {
  const result = batch.results.find(({ id }) => id === incidentId);
  if (result?.ok === true && result.incident !== null) return { ok: true, value: result.incident };
  return {
    ok: false,
    error: {
      code: result?.code ?? 'invalid_answer',
      detail: result?.detail ?? 'the agent did not say what became of it',
      retryable: false,
      ...(result?.incident ? { conflict: { current: result.incident, changedBy: null } } : {}),
    },
  };
}
