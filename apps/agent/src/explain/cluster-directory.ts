import {
  type ClusterAssignment,
  ClusterBook,
  type ClusterMerge,
  type Embedding,
  TraceKin,
} from '@sentinellog/detector';
import { type Cluster, type ClusterPatch, LEVELS, RequestError, type Template } from '@sentinellog/shared';
import type { Caller } from '../pipeline/caller.ts';

/** As it is stored. */
export interface ClusterState {
  readonly clusterId: string;
  readonly founderText: string;
  /** A person's name for it. */
  readonly name: string | null;
  readonly pinned: boolean;
  readonly mergedInto: string | null;
}

export interface ClusterChanges {
  readonly clusters: readonly ClusterState[];
  readonly assignments: readonly ClusterAssignment[];
}

/** What a person did, for the audit. */
export interface ClusterDeed {
  readonly actor: string;
  readonly action: 'cluster.patch' | 'cluster.merge' | 'cluster.split';
  readonly object: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface ClusterTemplates {
  /** All of them, in the order in which they were found. */
  texts(): Iterable<{ readonly id: string; readonly text: string }>;
  /** Those that are known, by their present id. */
  some(templateIds: Iterable<string>): ReadonlyMap<string, Template>;
  /** The id that a template goes by now. */
  resolve(templateId: string): string;
}

interface DirectoryParts {
  readonly templates: ClusterTemplates;
  /** All or nothing. Rejects while the store cannot answer. */
  readonly save: (changes: ClusterChanges, deed?: ClusterDeed) => Promise<void>;
  readonly onMerge: (merge: ClusterMerge) => void;
  readonly embedding?: Embedding | null;
}

/** Shown of one cluster. */
const MAX_TEMPLATES = 100;

/** Clusters as people see them: what was found, what was named, what was arranged by hand. From memory. */
export class ClusterDirectory {
  readonly #parts: DirectoryParts;
  readonly #book: ClusterBook;
  readonly #marks = new Map<string, { readonly name: string | null; readonly pinned: boolean }>();
  /** Found since the last `save`: templates that were put somewhere, and clusters that led elsewhere. */
  readonly #unsaved = new Set<string>();
  readonly #kin = new TraceKin();
  /** Lines in traces were seen since clusters were last compared by them. */
  #hasNewTraces = false;
  readonly #merged: ClusterMerge[] = [];
  /** Read back when it is first asked for: a start has no time for it. */
  #stored: ClusterChanges | null;

  constructor(parts: DirectoryParts, stored: ClusterChanges) {
    this.#parts = parts;
    this.#book = new ClusterBook((merge) => {
      this.#merged.push(merge);
      for (const id of this.#book.membersOf(merge.to)) this.#unsaved.add(id);
      parts.onMerge(merge);
    }, parts.embedding);
    this.#stored = stored;
    for (const { clusterId, name, pinned } of stored.clusters) {
      if (name !== null || pinned) this.#marks.set(clusterId, { name, pinned });
    }
  }

  /**
   * Puts templates that are new where they belong, and lets go of those that are gone.
   * @param most a flood of new templates is taken in several calls: each costs a fraction of a millisecond
   */
  refresh(most = Number.POSITIVE_INFINITY): void {
    this.#readBack();
    const known = new Set<string>();
    let left = most;
    for (const { id, text } of this.#parts.templates.texts()) {
      known.add(id);
      if (left === 0 || this.#book.clusterOf(id) !== undefined) continue;
      left--;
      this.#book.assign(id, text);
      this.#unsaved.add(id);
    }
    this.#book.forget((id) => known.has(id));
    if (this.#hasNewTraces) this.#book.mergeKin(this.#kin);
    this.#hasNewTraces = false;
    for (const id of this.#unsaved) if (!known.has(id)) this.#unsaved.delete(id);
  }

  /** A line of the template came in a trace: what fails in the same traces may be one failure (at the next `refresh`). */
  sawTrace(templateId: string, trace: string): void {
    this.#kin.saw(this.#parts.templates.resolve(templateId), trace);
    this.#hasNewTraces = true;
  }

  /** Writes down what was found. Rejects while the store cannot answer: it is part of the next one then. */
  async save(): Promise<void> {
    if (this.#unsaved.size === 0 && this.#merged.length === 0) return;
    const ids = [...this.#unsaved];
    const merged = this.#merged.splice(0);
    this.#unsaved.clear();
    try {
      await this.#parts.save(this.#changesOf(ids, merged));
    } catch (error) {
      for (const id of ids) this.#unsaved.add(id);
      this.#merged.unshift(...merged);
      throw error;
    }
  }

  /** The cluster of a template; of one that was not seen before, too. */
  clusterOf(templateId: string): string {
    this.#readBack();
    const id = this.#parts.templates.resolve(templateId);
    const known = this.#book.clusterOf(id);
    if (known !== undefined) return known;
    this.refresh();
    return this.#book.clusterOf(id) ?? id;
  }

  /** In words that people use. */
  nameOf(clusterId: string): string {
    this.#readBack();
    return this.#marks.get(clusterId)?.name ?? this.#book.nameOf(clusterId);
  }

  /** Of a template that only another cluster has: where it would belong here, and the name of that. */
  placeOf(text: string): { readonly clusterId: string | null; readonly name: string } {
    this.#readBack();
    const { clusterId, name } = this.#book.placeOf(text);
    return { clusterId, name: clusterId === null ? name : this.nameOf(clusterId) };
  }

  list({ text, limit }: { readonly text?: string | undefined; readonly limit: number }): {
    clusters: Cluster[];
    total: number;
  } {
    this.refresh();
    const templates = this.#parts.templates.some(Array.from(this.#parts.templates.texts(), ({ id }) => id));
    const words = text?.toLowerCase().split(/\s+/).filter(Boolean) ?? [];
    const clusters = Array.from(this.#book.ids(), (id) => this.#describe(id, templates)).filter((cluster) => {
      if (cluster.count === 0 && !cluster.is_named && !cluster.pinned) return false;
      const said = [cluster.name, ...cluster.templates.map((one) => one.text)].join('\n').toLowerCase();
      return words.every((word) => said.includes(word));
    });
    clusters.sort(
      (a, b) => Number(b.pinned) - Number(a.pinned) || b.count - a.count || (a.cluster_id < b.cluster_id ? -1 : 1),
    );
    return { clusters: clusters.slice(0, limit), total: clusters.length };
  }

  /** Also by the id of one that was merged; null when there is none. */
  one(clusterId: string): Cluster | null {
    this.refresh();
    const id = this.#book.resolve(clusterId);
    if (!this.#book.has(id)) return null;
    return this.#describe(id, this.#parts.templates.some(this.#book.membersOf(id)));
  }

  /** Null when there is no such cluster. */
  async patch(clusterId: string, patch: ClusterPatch, actor: Caller): Promise<Cluster | null> {
    const id = this.#existing(clusterId);
    if (id === null) return null;
    const before = this.#markOf(id);
    const mark = { name: patch.name === undefined ? before.name : patch.name, pinned: patch.pinned ?? before.pinned };
    const changes = { clusters: [{ ...this.#stateOf(id), ...mark }], assignments: this.#assignmentsOf(id) };
    await this.#parts.save(changes, deedOf(actor, 'cluster.patch', id, patch));
    this.#marks.set(id, mark);
    return this.one(id);
  }

  /** Null when there is no such cluster. RequestError where one of the others is unknown or is this one. */
  async merge(clusterId: string, others: readonly string[], actor: Caller): Promise<Cluster | null> {
    const into = this.#existing(clusterId);
    if (into === null) return null;
    const from = others.map((id) => this.#existing(id));
    if (from.includes(into)) throw new RequestError('invalid_request', 'body.clusters names the cluster itself');
    const known = from.filter((id) => id !== null);
    if (known.length < from.length) throw new RequestError('not_found', 'body.clusters names an unknown cluster');
    // What is stored first is what will be true: a merge that could not be stored has not happened.
    const assignments = known.flatMap((id) =>
      this.#book.membersOf(id).map((templateId) => ({ templateId, clusterId: into, byHand: true })),
    );
    const clusters = [this.#stateOf(into), ...known.map((id) => ({ ...this.#stateOf(id), mergedInto: into }))];
    const deed = deedOf(actor, 'cluster.merge', into, { clusters: known });
    await this.#parts.save({ clusters, assignments: [...this.#assignmentsOf(into), ...assignments] }, deed);
    this.#book.merge(known, into);
    return this.one(into);
  }

  /** The cluster that the templates are now; null when there is none to take them from. RequestError where they are not its. */
  async split(clusterId: string, templateIds: readonly string[], actor: Caller): Promise<Cluster | null> {
    const from = this.#existing(clusterId);
    if (from === null) return null;
    const members = new Set(this.#book.membersOf(from));
    const ids = [...new Set(templateIds.map((id) => this.#parts.templates.resolve(id)))];
    if (ids.some((id) => !members.has(id)))
      throw new RequestError('invalid_request', 'body.templates must name templates of this cluster');
    if (ids.length === members.size)
      throw new RequestError('invalid_request', 'body.templates names all of the cluster: nothing would stay');
    const texts = this.#parts.templates.some(ids);
    const { clusterId: id, assignments } = this.#book.plannedSplit(ids);
    const clusters = [
      this.#stateOf(from),
      { clusterId: id, founderText: texts.get(ids[0])?.text ?? '', name: null, pinned: false, mergedInto: null },
    ];
    await this.#parts.save(
      { clusters, assignments },
      deedOf(actor, 'cluster.split', from, { templates: ids, into: id }),
    );
    this.#book.split(ids.map((one) => ({ id: one, text: texts.get(one)?.text ?? '' })));
    return this.one(id);
  }

  #readBack(): void {
    if (this.#stored === null) return;
    const { clusters, assignments } = this.#stored;
    this.#stored = null;
    const texts = new Map(Array.from(this.#parts.templates.texts(), ({ id, text }) => [id, text]));
    const merges = clusters.flatMap(({ clusterId: from, mergedInto: to }) => (to === null ? [] : [{ from, to }]));
    const known = assignments.flatMap((assignment) => {
      const text = texts.get(assignment.templateId);
      return text === undefined ? [] : [{ ...assignment, text }];
    });
    this.#book.restore(clusters, known, merges);
  }

  #existing(clusterId: string): string | null {
    this.refresh();
    const id = this.#book.resolve(clusterId);
    return this.#book.has(id) ? id : null;
  }

  #markOf(clusterId: string) {
    return this.#marks.get(clusterId) ?? { name: null, pinned: false };
  }

  #stateOf(clusterId: string): ClusterState {
    return {
      clusterId,
      founderText: this.#book.stored(clusterId)?.founderText ?? '',
      ...this.#markOf(clusterId),
      mergedInto: null,
    };
  }

  #assignmentsOf(clusterId: string): ClusterAssignment[] {
    return this.#book.membersOf(clusterId).map((templateId) => this.#book.assignment(templateId));
  }

  #changesOf(templateIds: readonly string[], merged: readonly ClusterMerge[]): ClusterChanges {
    const assignments = templateIds.flatMap((id) =>
      this.#book.clusterOf(id) === undefined ? [] : [this.#book.assignment(id)],
    );
    const ids = new Set(assignments.map(({ clusterId }) => clusterId));
    const clusters = [
      ...Array.from(ids, (id) => this.#stateOf(id)),
      ...merged.map(({ from, to }) => ({ ...this.#stateOf(from), mergedInto: to })),
    ];
    return { clusters: [...new Map(clusters.map((cluster) => [cluster.clusterId, cluster])).values()], assignments };
  }

  #describe(clusterId: string, known: ReadonlyMap<string, Template>): Cluster {
    const templates = this.#book.membersOf(clusterId).flatMap((id) => known.get(id) ?? []);
    const services = new Map<string, number>();
    for (const template of templates) {
      for (const { service, count } of template.services) services.set(service, (services.get(service) ?? 0) + count);
    }
    const { name, pinned } = this.#markOf(clusterId);
    const seen = templates.filter(({ last_seen_ms }) => last_seen_ms > 0);
    return {
      cluster_id: clusterId,
      name: this.nameOf(clusterId),
      is_named: name !== null,
      pinned,
      templates: templates
        .map(({ template_id, text, count }) => ({ template_id, text, count }))
        .toSorted((a, b) => b.count - a.count)
        .slice(0, MAX_TEMPLATES),
      count: templates.reduce((sum, { count }) => sum + count, 0),
      levels: Object.fromEntries(
        LEVELS.map((level) => [level, templates.reduce((sum, { levels }) => sum + levels[level], 0)]),
      ) as Cluster['levels'],
      services: Array.from(services, ([service, count]) => ({ service, count })).toSorted((a, b) => b.count - a.count),
      first_seen_ms: seen.reduce((first, one) => Math.min(first, one.first_seen_ms), seen[0]?.first_seen_ms ?? 0),
      last_seen_ms: seen.reduce((last, one) => Math.max(last, one.last_seen_ms), 0),
    };
  }
}

function deedOf(
  { name }: Caller,
  action: ClusterDeed['action'],
  object: string,
  detail: ClusterDeed['detail'],
): ClusterDeed {
  return { actor: name, action, object, detail };
}
