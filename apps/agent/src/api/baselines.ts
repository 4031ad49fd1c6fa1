import {
  type BaselineVersion,
  BaselineVersionListSchema,
  BaselineVersionSchema,
  type Exclusion,
  ExclusionCreateSchema,
  ExclusionListSchema,
  ExclusionSchema,
  type ExpectationAnswer,
  ExpectationAnswerSchema,
  ExpectationQuerySchema,
  isUuid,
  RelearnAnswerSchema,
  RequestError,
  type Signal,
} from '@sentinellog/shared';
import { z } from 'zod';
import type { Caller } from '../pipeline/caller.ts';
import type { Api } from './api.ts';
import { callerOf } from './caller-of.ts';
import { instantOf } from './heartbeats.ts';

export interface BaselineDeps {
  /** null: nothing is known of the source. */
  readonly expectation: (query: {
    readonly sourceId: string;
    readonly signal: Signal;
    readonly atMs: number;
  }) => Promise<ExpectationAnswer | null>;
  readonly exclusions: {
    exclusionsOf(sourceId: string): readonly Exclusion[];
    exclude(sourceId: string, asked: z.output<typeof ExclusionCreateSchema>, actor: Caller): Promise<Exclusion>;
    /** False: the source has no such exclusion. */
    include(sourceId: string, exclusionId: string, actor: Caller): Promise<boolean>;
  };
  readonly baselines: {
    /** Newest first. */
    versions(sourceId: string): Promise<readonly BaselineVersion[]>;
    /** null: there is no such version. Rejects with RequestError where this build does not read it. */
    revert(sourceId: string, versionId: string, actor: Caller): Promise<BaselineVersion | null>;
    relearn(sourceId: string, actor: Caller): Promise<z.output<typeof RelearnAnswerSchema>>;
  };
  readonly sources: { list(): readonly { readonly source_id: string }[] };
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const OneSource = z.object({ id: z.string() });

export function baselineRoutes(api: Api, { expectation, exclusions, baselines, sources, now }: BaselineDeps): void {
  const known = (id: string): string => {
    if (isUuid(id) && sources.list().some(({ source_id }) => source_id === id)) return id;
    throw new RequestError('not_found', 'there is no source with this id');
  };

  api.route({
    method: 'GET',
    url: '/v1/sources/:id/expectation',
    config: { scope: 'read', afterReplay: true },
    schema: {
      summary: 'What a band is made of: the past buckets with their weights, the struck-out ones marked',
      params: OneSource,
      querystring: ExpectationQuerySchema,
      response: { 200: ExpectationAnswerSchema },
    },
    handler: async (request) => {
      const { at, signal } = request.query;
      const sourceId = known(request.params.id);
      const atMs = at === undefined ? now() : instantOf(at, 'at');
      const answer = await expectation({ sourceId, signal, atMs });
      if (answer === null) throw new RequestError('not_found', 'nothing has been learnt of this source yet');
      return answer;
    },
  });

  api.route({
    method: 'GET',
    url: '/v1/sources/:id/exclusions',
    config: { scope: 'read', afterReplay: true },
    schema: {
      summary: 'Stretches that a source does not learn its season from',
      params: OneSource,
      response: { 200: ExclusionListSchema },
    },
    handler: (request) => ({ exclusions: [...exclusions.exclusionsOf(known(request.params.id))] }),
  });

  api.route({
    method: 'POST',
    url: '/v1/sources/:id/exclusions',
    config: { scope: 'alert.write', afterReplay: true },
    schema: {
      summary: 'Strike out a stretch: a past day, a holiday, maintenance, also one to come',
      params: OneSource,
      body: ExclusionCreateSchema,
      response: { 201: ExclusionSchema },
    },
    handler: async (request, reply) => {
      const made = await exclusions.exclude(known(request.params.id), request.body, callerOf(request));
      return reply.code(201).send(made);
    },
  });

  api.route({
    method: 'DELETE',
    url: '/v1/sources/:id/exclusions/:exclusion',
    config: { scope: 'alert.write', afterReplay: true },
    schema: {
      summary: 'Bring a stretch back: it counts again from the next bucket on',
      params: OneSource.extend({ exclusion: z.string() }),
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const { id, exclusion } = request.params;
      if (!(await exclusions.include(known(id), exclusion, callerOf(request))))
        throw new RequestError('not_found', 'the source has no exclusion with this id');
      return reply.code(204).send(null);
    },
  });

  api.route({
    method: 'GET',
    url: '/v1/sources/:id/baselines',
    config: { scope: 'read', afterReplay: true },
    schema: {
      summary: 'Saved states of what a source has learnt, newest first: one a day, and before each change by hand',
      params: OneSource,
      response: { 200: BaselineVersionListSchema },
    },
    handler: async (request) => ({ versions: [...(await baselines.versions(known(request.params.id)))] }),
  });

  api.route({
    method: 'POST',
    url: '/v1/sources/:id/baselines/:version/revert',
    config: { scope: 'policy.write', afterReplay: true },
    schema: {
      summary: 'Go back to a saved state; the present one is saved first',
      params: OneSource.extend({ version: z.string() }),
      response: { 200: BaselineVersionSchema },
    },
    handler: async (request) => {
      const { id, version } = request.params;
      const sourceId = known(id);
      const back = isUuid(version) ? await baselines.revert(sourceId, version, callerOf(request)) : null;
      if (back === null) throw new RequestError('not_found', 'the source has no saved state with this id');
      return back;
    },
  });

  api.route({
    method: 'POST',
    url: '/v1/sources/:id/relearn',
    config: { scope: 'policy.write', afterReplay: true },
    schema: {
      summary:
        'Learn a source anew from its stored seconds, for instance after a backfill; the present state is saved first',
      params: OneSource,
      response: { 200: RelearnAnswerSchema },
    },
    handler: (request) => baselines.relearn(known(request.params.id), callerOf(request)),
  });
}
