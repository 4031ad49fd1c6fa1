/** What incidents and alerts have in common: the same verbs, one by one and in batches. */
import {
  type Actor,
  BatchActionSchema,
  BatchAnswerSchema,
  type Incident,
  type IncidentAction,
  IncidentActionSchema,
  IncidentSchema,
  isUuid,
  RequestError,
} from '@sentinellog/shared';
import { z } from 'zod';
import { actorOf } from './acting.ts';
import type { Api } from './api.ts';
import { versionOf } from './if-match.ts';

/** 1,000 items of a batch, each with its id and version. */
const BATCH_BODY_BYTES = 256 * 1024;

export type ActionTarget = { readonly incidentId: string } | { readonly alertId: string };

export interface IncidentActor {
  /**
   * Resolves with the incident as it is afterwards. RequestError `not_found`, `invalid_request` or `storage_unavailable`;
   * VersionConflict where somebody was faster or it still fires.
   */
  act(
    target: ActionTarget,
    deed: { readonly action: IncidentAction; readonly actor: Actor; readonly seenVersion?: number | undefined },
  ): Promise<Incident>;
}

interface Noun {
  readonly path: '/v1/incidents' | '/v1/alerts';
  readonly name: string;
  readonly targetOf: (id: string) => ActionTarget;
}

/** `POST …/{id}/{verb}` for every verb, and `POST …:batch`. */
export function actionRoutes(api: Api, desk: IncidentActor, { path, name, targetOf }: Noun): void {
  for (const option of IncidentActionSchema.options) {
    const [verb] = option.shape.action.values;
    const fields: z.ZodObject = option;
    api.route({
      method: 'POST',
      url: `${path}/:id/${verb}`,
      config: { scope: 'alert.write', afterReplay: true, repeatable: true },
      schema: {
        summary: `${SUMMARIES[verb]} (${name})`,
        params: z.object({ id: z.string().max(64) }),
        body: fields.omit({ action: true }),
        response: { 200: IncidentSchema },
      },
      // Most verbs need no word more; then there may be no body at all.
      preValidation: async (request) => {
        request.body ??= {};
      },
      handler: (request) => {
        const { id } = request.params;
        if (!isUuid(id)) throw new RequestError('not_found', `there is no ${name} with this id`);
        const action = IncidentActionSchema.parse({ ...Object(request.body), action: verb });
        return desk.act(targetOf(id), {
          action,
          actor: actorOf(request),
          seenVersion: versionOf(request) ?? undefined,
        });
      },
    });
  }

  api.route({
    method: 'POST',
    // Two colons are one: a single one would begin a parameter.
    url: `${path}::batch`,
    bodyLimit: BATCH_BODY_BYTES,
    config: { scope: 'alert.write', afterReplay: true, repeatable: true },
    schema: {
      summary: `The same action on many (${name}), each with the version seen and a result of its own`,
      body: BatchActionSchema,
      response: { 200: BatchAnswerSchema },
    },
    handler: (request) => actOnAll(desk, targetOf, request.body, actorOf(request)),
  });
}

/** One after the other, each for itself: a conflict on one does not keep the others. */
export async function actOnAll(
  desk: IncidentActor,
  targetOf: Noun['targetOf'],
  { action, items }: z.output<typeof BatchActionSchema>,
  actor: Actor,
): Promise<z.input<typeof BatchAnswerSchema>> {
  const results: z.input<typeof BatchAnswerSchema>['results'] = [];
  for (const { id, version } of items) {
    try {
      if (!isUuid(id)) throw new RequestError('not_found', 'there is nothing with this id');
      const incident = await desk.act(targetOf(id), { action, actor, seenVersion: version });
      results.push({ id, ok: true, code: null, detail: null, incident });
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      results.push({ id, ok: false, code: error.code, detail: error.message, incident: currentOf(error) });
    }
  }
  return { results };
}

function currentOf(error: RequestError): Incident | null {
  const current = IncidentSchema.safeParse('current' in error ? error.current : null);
  return current.success ? current.data : null;
}

const SUMMARIES: Readonly<Record<IncidentAction['action'], string>> = {
  ack: 'Acknowledge: I am on it; told outside after the hold',
  unack: 'Take an acknowledgement back; within the hold nothing has left',
  resolve: 'Resolve; told outside after the hold, and refused while it fires unless forced',
  reopen: 'Take a resolution back',
  assign: 'Give it to somebody, or back to everybody',
  notes: 'Write a note into the timeline',
  severity: 'Set the severity, or take that back',
  silence: 'Silence it for a time, or until it gets worse',
  unsilence: 'Take a silence back',
  merge: 'Say that it is part of another incident',
};
