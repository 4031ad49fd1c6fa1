import { z } from 'zod';
import { LEVELS } from './level.ts';

/** Templates that mean the same, across services. Its id stays as templates come and go. */
export const ClusterSchema = z.object({
  cluster_id: z.string(),
  /** In words that people use: a person's, else made from what its templates say. */
  name: z.string(),
  is_named: z.boolean(),
  pinned: z.boolean(),
  /** Commonest first; at most 100. */
  templates: z.array(z.object({ template_id: z.string(), text: z.string(), count: z.number() })),
  count: z.number(),
  levels: z.record(z.enum(LEVELS), z.number()),
  services: z.array(z.object({ service: z.string(), count: z.number() })),
  first_seen_ms: z.number(),
  last_seen_ms: z.number(),
});
export type Cluster = z.infer<typeof ClusterSchema>;

/** A cluster that makes a part of the difference of an anomaly or incident. */
export const TopClusterSchema = z.object({
  cluster_id: z.string(),
  name: z.string(),
  /** Of what stands out: of what is more than usual, or, where nothing is more, of what is less. */
  share: z.number(),
  is_new: z.boolean(),
});
export type TopCluster = z.infer<typeof TopClusterSchema>;

export const ClusterQuerySchema = z.strictObject({
  /** Words that the name or a template must hold. */
  text: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
/** Pinned ones first, then by events. */
export const ClusterListSchema = z.object({ clusters: z.array(ClusterSchema), total: z.number() });

export const ClusterPatchSchema = z
  .strictObject({
    /** null: the name that is made from the templates again. */
    name: z.string().trim().min(1).max(200).nullable(),
    pinned: z.boolean(),
  })
  .partial();
export type ClusterPatch = z.infer<typeof ClusterPatchSchema>;

/** `POST /v1/clusters:merge`: they become part of `into`. */
export const ClusterMergeSchema = z.strictObject({
  into: z.string().max(64),
  clusters: z.array(z.string().max(64)).min(1).max(100),
});
/** `POST /v1/clusters:split`: these templates leave their cluster and are one of their own. */
export const ClusterSplitSchema = z.strictObject({
  cluster: z.string().max(64),
  templates: z.array(z.string().max(64)).min(1).max(100),
});
