/**
 * Who calls whom, learnt from trace ids: in one trace the service that speaks first has most likely called the one that
 * speaks next. One trace proves little (loggers write on return as well, and siblings follow each other), so every trace
 * only votes, and an edge is what wins.
 */

/** A log line that names its trace. */
export interface TracedLine {
  readonly tenant: string;
  readonly service: string;
  readonly traceId: string;
  readonly atMs: number;
}

export interface ServiceEdge {
  readonly tenant: string;
  /** `from` calls `to`. */
  readonly from: string;
  readonly to: string;
  /** Votes; they are halved now and then, so that an old wiring is forgotten. */
  readonly weight: number;
}

/** Votes kept for pairs of services over all tenants; the lightest go first. */
const MAX_PAIRS = 5000;
/** A pair whose votes reach this is halved together with its rivals: what was true last month must not outvote today. */
const HALVE_AT = 10_000;
/** Fewer votes are chance. */
const MIN_VOTES = 3;
/** A caller must have so large a share of the votes for the service that it calls. */
const MIN_SHARE = 0.25;

export class ServiceEdges {
  /** tenant → callee → caller → votes. */
  readonly #votes = new Map<string, Map<string, Map<string, number>>>();
  #pairs = 0;
  #dropped = 0;
  #isChanged = false;
  readonly #known = new Map<string, ReadonlySet<string>>();

  /** Pairs that were forgotten for want of room. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Lines of one stretch of time, in any order; a trace counts with the services that speak in it. */
  learn(lines: readonly TracedLine[]): void {
    const traces = Map.groupBy(lines, ({ tenant, traceId }) => `${tenant}\0${traceId}`);
    for (const trace of traces.values()) {
      const first = new Map<string, TracedLine>();
      for (const line of trace) {
        const known = first.get(line.service);
        if (known === undefined || line.atMs < known.atMs) first.set(line.service, line);
      }
      const order = [...first.values()].toSorted((a, b) => a.atMs - b.atMs);
      for (const [index, callee] of order.entries()) {
        const caller = order[index - 1];
        // Two that speak in the same millisecond say nothing about who was first.
        if (caller !== undefined && caller.atMs < callee.atMs) this.#add(callee.tenant, caller.service, callee.service, 1);
      }
    }
    if (this.#pairs > MAX_PAIRS) this.#trim();
  }

  restore(edges: readonly ServiceEdge[]): void {
    for (const { tenant, from, to, weight } of edges.slice(0, MAX_PAIRS)) this.#add(tenant, from, to, weight);
    this.#isChanged = false;
  }

  /** All votes when there are new ones since the last call, to be stored. */
  takeChanged(): readonly ServiceEdge[] | null {
    if (!this.#isChanged) return null;
    this.#isChanged = false;
    return this.#all();
  }

  /** The edges that have won, of every tenant. */
  edges(): readonly ServiceEdge[] {
    return [...this.#votes.keys()].flatMap((tenant) => this.#edgesOf(tenant));
  }

  /** Does `from` call `to`, as far as is known? */
  calls(tenant: string, from: string, to: string): boolean {
    let known = this.#known.get(tenant);
    if (known === undefined) {
      known = new Set(this.#edgesOf(tenant).map((edge) => `${edge.from}\0${edge.to}`));
      this.#known.set(tenant, known);
    }
    return known.has(`${from}\0${to}`);
  }

  #edgesOf(tenant: string): ServiceEdge[] {
    const edges: ServiceEdge[] = [];
    for (const [to, callers] of this.#votes.get(tenant) ?? []) {
      const all = [...callers.values()].reduce((sum, votes) => sum + votes, 0);
      for (const [from, weight] of callers) {
        const backwards = this.#votes.get(tenant)?.get(from)?.get(to) ?? 0;
        if (weight >= MIN_VOTES && weight >= MIN_SHARE * all && weight > backwards) edges.push({ tenant, from, to, weight });
      }
    }
    return edges;
  }

  #add(tenant: string, from: string, to: string, votes: number): void {
    const ofTenant = valueOr(this.#votes, tenant, () => new Map<string, Map<string, number>>());
    const callers = valueOr(ofTenant, to, () => new Map<string, number>());
    const before = callers.get(from);
    if (before === undefined) this.#pairs++;
    callers.set(from, (before ?? 0) + votes);
    if ((before ?? 0) + votes >= HALVE_AT) for (const [caller, count] of callers) callers.set(caller, count / 2);
    this.#isChanged = true;
    this.#known.delete(tenant);
  }

  #all(): ServiceEdge[] {
    return [...this.#votes].flatMap(([tenant, callees]) =>
      [...callees].flatMap(([to, callers]) => [...callers].map(([from, weight]) => ({ tenant, from, to, weight }))),
    );
  }

  #trim(): void {
    const kept = this.#all().toSorted((a, b) => b.weight - a.weight);
    this.#dropped += kept.length - Math.floor(MAX_PAIRS * 0.9);
    this.#votes.clear();
    this.#known.clear();
    this.#pairs = 0;
    for (const { tenant, from, to, weight } of kept.slice(0, Math.floor(MAX_PAIRS * 0.9))) this.#add(tenant, from, to, weight);
  }
}

function valueOr<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
