import { clusterName } from './cluster-name.ts';
import { cosineOf, type Embedding } from './embedding.ts';
import { featuresOf, similarityOf, type TemplateFeatures } from './template-features.ts';

/**
 * From so alike on, a template joins a cluster. Half of what two texts say is not enough (their meaning alone is often
 * that); measured on the messages of the simulator and of the public systems, 0.6 keeps "captured" from "authorised"
 * and brings the ways to say "payment-service timed out" together.
 */
const JOIN_AT = 0.6;
/** Two clusters become one only when what came between them has made them the same: people may have got used to both. */
const MERGE_AT = 0.7;
/** Of clusters that come in the same traces, half of what they say is enough: it is one failure told by two services. */
const KIN_MERGE_AT = 0.5;
/** From so large a share of traces on, two templates are kin. */
const KIN_SHARE = 0.5;
/** Of one way to fail, so many templates are compared with each other: the ones that were seen last. */
const MOST_KIN = 60;
/** With an embedding, the cosine from which two texts mean the same where the words do not say so. */
const EMBEDDED_AT = 0.85;
const MOST_HOPS = 100;

/** Templates that mean the same. */
interface Cluster {
  readonly id: string;
  /** Of the template that founded it: it gives the id, and the name where there is nothing better. */
  readonly founderText: string;
  readonly meaning: TemplateFeatures['meaning'];
  readonly members: Map<string, TemplateFeatures>;
  /** Sum of the members' weights: their mean is what a template is compared with. */
  readonly sums: Map<string, number>;
  /** Of all sums. */
  total: number;
  /** Of the founder's text, where there is an embedding. */
  readonly vector: readonly number[] | undefined;
}

/** A cluster as it is stored: the rest follows from its templates. */
export interface StoredCluster {
  readonly clusterId: string;
  readonly founderText: string;
}

/** How it came that a template belongs to a cluster. */
export interface ClusterAssignment {
  readonly templateId: string;
  readonly clusterId: string;
  /** A person said so: nothing moves it any more. */
  readonly byHand: boolean;
}

export interface ClusterMerge {
  readonly from: string;
  readonly to: string;
}

/**
 * Puts templates that mean the same into clusters. A template stays where it was put and a cluster keeps its id (that
 * of its first template), whatever comes later; only two clusters that turn out to be the same are merged, and then the
 * younger id leads to the older. The same templates in the same order give the same clusters: no model, no chance.
 */
export class ClusterBook {
  readonly #clusters = new Map<string, Cluster>();
  readonly #clusterOf = new Map<string, string>();
  readonly #byHand = new Set<string>();
  /** Merged clusters and what they became. */
  readonly #into = new Map<string, string>();
  /** Feature → clusters that have it: what to compare with. */
  readonly #byFeature = new Map<string, Set<Cluster>>();
  readonly #onMerge: (merge: ClusterMerge) => void;
  readonly #embedding: Embedding | null;

  /** @param embedding asked where the words find no cluster; none unless somebody has set one */
  constructor(onMerge: (merge: ClusterMerge) => void = () => undefined, embedding: Embedding | null = null) {
    this.#onMerge = onMerge;
    this.#embedding = embedding;
  }

  /** The cluster that an id stands for now. */
  resolve(clusterId: string): string {
    let id = clusterId;
    for (let hops = 0; hops < MOST_HOPS; hops++) {
      const to = this.#into.get(id);
      if (to === undefined) return id;
      id = to;
    }
    return id;
  }

  /** undefined: the template was never put anywhere. */
  clusterOf(templateId: string): string | undefined {
    return this.#clusterOf.get(templateId);
  }

  ids(): Iterable<string> {
    return this.#clusters.keys();
  }

  has(clusterId: string): boolean {
    return this.#clusters.has(clusterId);
  }

  assignment(templateId: string): ClusterAssignment {
    const clusterId = this.#clusterOf.get(templateId);
    if (clusterId === undefined) throw new Error(`template ${templateId} is in no cluster`);
    return { templateId, clusterId, byHand: this.#byHand.has(templateId) };
  }

  /** undefined: there is no such cluster. */
  stored(clusterId: string): StoredCluster | undefined {
    const cluster = this.#clusters.get(clusterId);
    return cluster && { clusterId, founderText: cluster.founderText };
  }

  membersOf(clusterId: string): readonly string[] {
    return [...(this.#clusters.get(clusterId)?.members.keys() ?? [])];
  }

  nameOf(clusterId: string): string {
    const cluster = this.#clusters.get(clusterId);
    if (cluster === undefined) return 'Unknown';
    const votes = new Map<string, number>();
    for (const { resources } of cluster.members.values()) {
      const [first] = resources;
      if (first !== undefined) votes.set(first, (votes.get(first) ?? 0) + 1);
    }
    const [target] = [...votes].toSorted(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
    const isShared = target !== undefined && target[1] * 2 >= cluster.members.size;
    return clusterName(cluster.founderText, cluster, isShared ? target[0] : undefined);
  }

  /** Puts a template where it belongs, if it is not anywhere yet. */
  assign(templateId: string, text: string): string {
    const known = this.#clusterOf.get(templateId);
    if (known !== undefined) return known;
    const features = featuresOf(text);
    const near = this.#nearest(features);
    const home =
      near[0] !== undefined && near[0].similarity >= JOIN_AT
        ? near[0].cluster
        : (this.#embedded(features, text) ?? this.#cluster(this.#freeId(templateId), text));
    this.#join(home, templateId, features);
    const other = near[1];
    if (
      other !== undefined &&
      other.similarity >= MERGE_AT &&
      similarityOf(meanOf(home), meanOf(other.cluster)) >= MERGE_AT
    )
      this.#mergeFound(home, other.cluster);
    return this.#clusterOf.get(templateId)!;
  }

  /** Where a template that nobody here has would belong, and what it would be called; nothing is put anywhere. */
  placeOf(text: string): { readonly clusterId: string | null; readonly name: string } {
    const features = featuresOf(text);
    const [near] = this.#nearest(features);
    if (near === undefined || near.similarity < JOIN_AT) return { clusterId: null, name: clusterName(text, features) };
    return { clusterId: near.cluster.id, name: this.nameOf(near.cluster.id) };
  }

  /**
   * Makes one of clusters that fail in the same way and in the same traces: a failure and what another service says of it.
   * @param kin templates and how many of their traces they share
   */
  mergeKin(kin: { templates(): readonly string[]; kinship(one: string, other: string): number }): void {
    const home = (id: string) => this.#clusters.get(this.#clusterOf.get(id) ?? '');
    const byMeaning = Map.groupBy(kin.templates(), (id) => home(id)?.meaning ?? null);
    byMeaning.delete(null);
    for (const templates of byMeaning.values()) {
      const newest = templates.slice(-MOST_KIN);
      for (const [at, one] of newest.entries()) {
        for (const other of newest.slice(at + 1)) {
          const [ours, theirs] = [home(one), home(other)];
          if (ours === undefined || theirs === undefined || ours === theirs) continue;
          if (kin.kinship(one, other) < KIN_SHARE) continue;
          if (similarityOf(meanOf(ours), meanOf(theirs)) >= KIN_MERGE_AT) this.#mergeFound(ours, theirs);
        }
      }
    }
  }

  /** As it was stored; before any `assign`. Templates that are no longer known are left out by the caller. */
  restore(
    clusters: readonly StoredCluster[],
    assignments: readonly (ClusterAssignment & { readonly text: string })[],
    merges: readonly ClusterMerge[],
  ): void {
    for (const { from, to } of merges) this.#into.set(from, to);
    const founders = new Map(clusters.map(({ clusterId, founderText }) => [clusterId, founderText]));
    for (const { templateId, clusterId, text, byHand } of assignments) {
      const id = this.resolve(clusterId);
      this.#join(this.#cluster(id, founders.get(id) ?? text), templateId, featuresOf(text));
      if (byHand) this.#byHand.add(templateId);
    }
  }

  /** Makes clusters one, by hand; their ids lead to it from now on. */
  merge(from: readonly string[], into: string): void {
    const to = this.#clusters.get(into);
    if (to === undefined) throw new Error(`there is no cluster ${into}`);
    for (const id of from) {
      const cluster = this.#clusters.get(id);
      if (cluster !== undefined && cluster !== to) this.#pour(cluster, to, true);
    }
  }

  /** What `split` would come to; for who stores it first. */
  plannedSplit(templateIds: readonly string[]): { clusterId: string; assignments: ClusterAssignment[] } {
    const clusterId = this.#freeId(templateIds[0]);
    return { clusterId, assignments: templateIds.map((templateId) => ({ templateId, clusterId, byHand: true })) };
  }

  /** Puts templates into a cluster of their own, by hand. */
  split(templates: readonly { readonly id: string; readonly text: string }[]): void {
    const clusterId = this.#freeId(templates[0].id);
    for (const { id } of templates) this.#leave(id);
    const cluster = this.#cluster(clusterId, templates[0].text);
    for (const { id, text } of templates) {
      this.#join(cluster, id, featuresOf(text));
      this.#byHand.add(id);
    }
  }

  /** Lets go of templates that nobody knows any more, and of clusters that are empty then. */
  forget(isKnown: (templateId: string) => boolean): void {
    for (const templateId of this.#clusterOf.keys()) if (!isKnown(templateId)) this.#leave(templateId);
  }

  /** The two that are most like it. What is shared is added up feature by feature: most clusters share none and cost nothing. */
  #nearest(features: TemplateFeatures): { cluster: Cluster; similarity: number }[] {
    const shared = new Map<Cluster, number>();
    let own = 0;
    for (const [feature, weight] of features.weights) {
      own += weight;
      for (const cluster of this.#byFeature.get(feature) ?? []) {
        const mean = (cluster.sums.get(feature) ?? 0) / cluster.members.size;
        shared.set(cluster, (shared.get(cluster) ?? 0) + Math.min(weight, mean));
      }
    }
    const near: { cluster: Cluster; similarity: number }[] = [];
    for (const [cluster, both] of shared) {
      // At most that: places may make it less.
      if ((2 * both) / (own + cluster.total / cluster.members.size) < JOIN_AT) continue;
      near.push({ cluster, similarity: similarityOf(features, meanOf(cluster)) });
    }
    return near.toSorted((a, b) => b.similarity - a.similarity || (a.cluster.id < b.cluster.id ? -1 : 1)).slice(0, 2);
  }

  /** The cluster whose founder means the same by the embedding, if there is one; failures only with their like. */
  #embedded({ meaning }: TemplateFeatures, text: string): Cluster | undefined {
    if (this.#embedding === null) return undefined;
    const vector = this.#embedding.embed(text);
    let best: Cluster | undefined;
    let most = EMBEDDED_AT;
    for (const cluster of this.#clusters.values()) {
      if (cluster.meaning !== meaning || cluster.vector === undefined) continue;
      const cosine = cosineOf(vector, cluster.vector);
      if (cosine < most || (cosine === most && best !== undefined)) continue;
      best = cluster;
      most = cosine;
    }
    return best;
  }

  /** An id that has been a cluster's keeps its meaning, also when its own template has left it. */
  #freeId(templateId: string): string {
    let id = templateId;
    for (let n = 2; this.#clusters.has(id) || this.#into.has(id); n++) id = `${templateId}-${n}`;
    return id;
  }

  #cluster(id: string, founderText: string): Cluster {
    const known = this.#clusters.get(id);
    if (known !== undefined) return known;
    const { meaning } = featuresOf(founderText);
    const vector = this.#embedding?.embed(founderText);
    const cluster: Cluster = { id, founderText, meaning, members: new Map(), sums: new Map(), total: 0, vector };
    this.#clusters.set(id, cluster);
    return cluster;
  }

  #join(cluster: Cluster, templateId: string, features: TemplateFeatures): void {
    this.#clusterOf.set(templateId, cluster.id);
    cluster.members.set(templateId, features);
    for (const [feature, weight] of features.weights) {
      cluster.total += weight;
      cluster.sums.set(feature, (cluster.sums.get(feature) ?? 0) + weight);
      const clusters = this.#byFeature.get(feature);
      if (clusters === undefined) this.#byFeature.set(feature, new Set([cluster]));
      else clusters.add(cluster);
    }
  }

  #leave(templateId: string): void {
    const cluster = this.#clusters.get(this.#clusterOf.get(templateId) ?? '');
    this.#clusterOf.delete(templateId);
    this.#byHand.delete(templateId);
    const features = cluster?.members.get(templateId);
    if (cluster === undefined || features === undefined) return;
    cluster.members.delete(templateId);
    for (const [feature, weight] of features.weights) {
      cluster.total -= weight;
      const rest = (cluster.sums.get(feature) ?? 0) - weight;
      if (rest > 0) cluster.sums.set(feature, rest);
      else this.#drop(cluster, feature);
    }
    if (cluster.members.size === 0) this.#clusters.delete(cluster.id);
  }

  #drop(cluster: Cluster, feature: string): void {
    cluster.sums.delete(feature);
    const clusters = this.#byFeature.get(feature);
    clusters?.delete(cluster);
    if (clusters?.size === 0) this.#byFeature.delete(feature);
  }

  /** Into the one with more templates, on a tie into that with the smaller id; never what people have arranged. */
  #mergeFound(one: Cluster, other: Cluster): void {
    const isArranged = [one, other].some(({ members }) => members.keys().some((id) => this.#byHand.has(id)));
    if (isArranged) return;
    const isOneLarger = one.members.size - other.members.size || (one.id < other.id ? 1 : -1);
    const [from, to] = isOneLarger > 0 ? [other, one] : [one, other];
    this.#pour(from, to, false);
    this.#onMerge({ from: from.id, to: to.id });
  }

  #pour(from: Cluster, to: Cluster, byHand: boolean): void {
    for (const [templateId, features] of from.members) {
      this.#leave(templateId);
      this.#join(to, templateId, features);
      if (byHand) this.#byHand.add(templateId);
    }
    this.#clusters.delete(from.id);
    this.#into.set(from.id, to.id);
  }
}

function meanOf({ meaning, members, sums }: Cluster): Pick<TemplateFeatures, 'meaning' | 'weights'> {
  const weights = new Map<string, number>();
  for (const [feature, sum] of sums) weights.set(feature, sum / members.size);
  return { meaning, weights };
}
