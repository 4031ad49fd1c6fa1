import {
  type Cluster,
  ClusterListSchema,
  ClusterMergeSchema,
  type ClusterPatch,
  ClusterPatchSchema,
  ClusterQuerySchema,
  ClusterSchema,
  ClusterSplitSchema,
  RequestError,
} from '@sentinellog/shared';
import { z } from 'zod';
import type { Caller } from '../pipeline/caller.ts';
import type { Api } from './api.ts';
import { callerOf } from './caller-of.ts';

const ParamsSchema = z.object({ id: z.string().max(64) });

/** Each gives null when there is no such cluster. */
export interface ClusterDesk {
  list(query: { readonly text?: string | undefined; readonly limit: number }): { clusters: Cluster[]; total: number };
  one(clusterId: string): Cluster | null;
  patch(clusterId: string, patch: ClusterPatch, actor: Caller): Promise<Cluster | null>;
  merge(clusterId: string, others: readonly string[], actor: Caller): Promise<Cluster | null>;
  split(clusterId: string, templates: readonly string[], actor: Caller): Promise<Cluster | null>;
}

export function clusterRoutes(api: Api, { clusters }: { readonly clusters: ClusterDesk }): void {
  api.route({
    method: 'GET',
    url: '/v1/clusters',
    config: { scope: 'read', afterReplay: true },
    schema: {
      summary: 'Templates that mean the same, pinned ones first, then by events',
      querystring: ClusterQuerySchema,
      response: { 200: ClusterListSchema },
    },
    handler: (request) => clusters.list(request.query),
  });

  api.route({
    method: 'GET',
    url: '/v1/clusters/:id',
    config: { scope: 'read', afterReplay: true },
    schema: {
      summary: 'One cluster, also by an id that was merged into it',
      params: ParamsSchema,
      response: { 200: ClusterSchema },
    },
    handler: (request) => found(clusters.one(request.params.id)),
  });

  api.route({
    method: 'PATCH',
    url: '/v1/clusters/:id',
    config: { scope: 'policy.write', afterReplay: true },
    schema: {
      summary: 'Name or pin a cluster',
      params: ParamsSchema,
      body: ClusterPatchSchema,
      response: { 200: ClusterSchema },
    },
    handler: async (request) => found(await clusters.patch(request.params.id, request.body, callerOf(request))),
  });

  api.route({
    method: 'POST',
    url: '/v1/clusters::merge',
    config: { scope: 'policy.write', afterReplay: true },
    schema: {
      summary: 'Make clusters part of another one; it stays so',
      body: ClusterMergeSchema,
      response: { 200: ClusterSchema },
    },
    handler: async (request) => {
      const { into, clusters: others } = request.body;
      return found(await clusters.merge(into, others, callerOf(request)));
    },
  });

  api.route({
    method: 'POST',
    url: '/v1/clusters::split',
    config: { scope: 'policy.write', afterReplay: true },
    schema: {
      summary: 'Take templates out of a cluster; the answer is the cluster that they are now',
      body: ClusterSplitSchema,
      response: { 200: ClusterSchema },
    },
    handler: async (request) => {
      const { cluster, templates } = request.body;
      return found(await clusters.split(cluster, templates, callerOf(request)));
    },
  });
}

function found(cluster: Cluster | null): Cluster {
  if (cluster === null) throw new RequestError('not_found', 'there is no cluster with this id');
  return cluster;
}
